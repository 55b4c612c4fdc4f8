"""Random numbers from keys, by TensorFlow's stateless generators."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, dtype_of, sizes
from dl_ops.backend import Kernels
from dl_ops.random.primitives import mask_shape
from dl_ops.typing import DTypeLike, ShapeLike

kernels = Kernels()


def _seed(key: Tensor) -> Tensor:
    return tf.bitcast(tf.cast(key, tf.uint32), tf.int32)


def _dims(shape: ShapeLike) -> list[Any]:
    return [shape] if isinstance(shape, int) else list(shape)


@kernels.add
def random_uniform(key: Tensor, shape: ShapeLike, dtype: DTypeLike) -> Tensor:
    return tf.random.stateless_uniform(_dims(shape), _seed(key), dtype=dtype_of(dtype))


@kernels.add
def random_normal(key: Tensor, shape: ShapeLike, dtype: DTypeLike) -> Tensor:
    return tf.random.stateless_normal(_dims(shape), _seed(key), dtype=dtype_of(dtype))


@kernels.add
def random_truncated_normal(key: Tensor, shape: ShapeLike, dtype: DTypeLike) -> Tensor:
    return tf.random.stateless_truncated_normal(_dims(shape), _seed(key), dtype=dtype_of(dtype))


@kernels.add
def random_randint(key: Tensor, shape: ShapeLike, minval: Any, maxval: Any, dtype: DTypeLike) -> Tensor:
    wanted = dtype_of(dtype)
    low, high = tf.cast(minval, tf.int64), tf.cast(maxval, tf.int64)
    return tf.cast(tf.random.stateless_uniform(_dims(shape), _seed(key), low, high, tf.int64), wanted)


@kernels.add
def random_categorical(key: Tensor, logits: Tensor, num_samples: int, dtype: DTypeLike) -> Tensor:
    return tf.cast(tf.random.stateless_categorical(logits, num_samples, _seed(key)), dtype_of(dtype))


@kernels.add
def random_shuffle(key: Tensor, x: Tensor, axis: int = 0) -> Tensor:
    order = tf.argsort(tf.random.stateless_uniform([sizes(x)[axis]], _seed(key)))
    return tf.gather(x, order, axis=axis)


@kernels.add
def random_dropout(key: Tensor, inputs: Tensor, rate: float, noise_shape: ShapeLike | None = None) -> Tensor:
    if rate == 1:
        return tf.zeros_like(inputs)
    shape = [
        own if size is None else size for own, size in zip(sizes(inputs), mask_shape(inputs, noise_shape), strict=True)
    ]
    kept = tf.random.stateless_uniform(shape, _seed(key)) >= rate
    return inputs * (tf.cast(kept, inputs.dtype) * tf.cast(1 / (1 - rate), inputs.dtype))


@kernels.add
def random_gamma(key: Tensor, shape: ShapeLike, alpha: Tensor, dtype: DTypeLike) -> Tensor:
    wanted = dtype_of(dtype)
    return tf.random.stateless_gamma(_dims(shape), _seed(key), tf.cast(alpha, wanted), dtype=wanted)


@kernels.add
def random_binomial(key: Tensor, shape: ShapeLike, counts: Tensor, probabilities: Tensor, dtype: DTypeLike) -> Tensor:
    n, p = tf.cast(counts, tf.float32), tf.cast(probabilities, tf.float32)
    return tf.cast(tf.random.stateless_binomial(_dims(shape), _seed(key), n, p, tf.float32), dtype_of(dtype))
