"""Random numbers from keys, by TensorFlow's stateless generators."""

from __future__ import annotations

from typing import Any, Final

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, dtype_of, sizes
from dl_ops.backend import Kernels
from dl_ops.random.primitives import mask_shape
from dl_ops.typing import DTypeLike, ShapeLike

kernels = Kernels()

_MOST_REDRAWN: Final = 32


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
    if isinstance(minval, int) and isinstance(maxval, int) and not (minval >= -(2**63) and maxval < 2**63):
        return _wide_randint(key, shape, minval, maxval, wanted)
    low, high = tf.cast(minval, tf.int64), tf.cast(maxval, tf.int64)
    return tf.cast(tf.random.stateless_uniform(_dims(shape), _seed(key), low, high, tf.int64), wanted)


def _wide_randint(key: Tensor, shape: ShapeLike, low: int, high: int, dtype: Any) -> Tensor:
    """Integers between bounds that int64 does not hold."""

    def draw(number: int) -> Tensor:
        seed = _seed(key) + tf.constant([number, 0], tf.int32)
        return tf.random.stateless_uniform(_dims(shape), seed, None, None, tf.uint64)

    size = high - low
    numbers = draw(0)
    if size < 2**64:
        # at most half of them are too large, and then drawn again; the last time they are wrapped around
        limit = 2**64 // size * size
        for number in range(1, _MOST_REDRAWN if limit < 2**64 else 1):
            numbers = tf.where(numbers < tf.constant(limit, tf.uint64), numbers, draw(number))
        numbers = numbers % tf.constant(size, tf.uint64)
    # unsigned numbers wrap around, which makes the sum right for negative bounds too
    return tf.cast(numbers + tf.constant(low % 2**64, tf.uint64), dtype)


@kernels.add
def random_categorical(key: Tensor, logits: Tensor, num_samples: int, dtype: DTypeLike) -> Tensor:
    logits = logits if logits.dtype.is_floating else tf.cast(logits, tf.float32)
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
    # 16 bits hold too little of a small parameter and its powers
    compute = tf.float32 if wanted.size < 4 else wanted
    numbers = tf.random.stateless_gamma(_dims(shape), _seed(key), tf.cast(alpha, compute), dtype=compute)
    return tf.cast(numbers, wanted)


@kernels.add
def random_binomial(key: Tensor, shape: ShapeLike, counts: Tensor, probabilities: Tensor, dtype: DTypeLike) -> Tensor:
    n, p = tf.cast(counts, tf.float32), tf.cast(probabilities, tf.float32)
    return tf.cast(tf.random.stateless_binomial(_dims(shape), _seed(key), n, p, tf.float32), dtype_of(dtype))
