"""Random numbers from keys, by JAX's threefry generator whatever its default is."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_backend_jax.tensors import jax_dtype
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype
from dl_ops.typing import DTypeLike, ShapeLike

kernels = Kernels()


def _generator(key: Array) -> Array:
    generator: Array = jax.random.wrap_key_data(key.astype(jnp.uint32), impl="threefry2x32")
    return generator


def _shape(shape: ShapeLike) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(int(size) for size in shape)  # type: ignore[arg-type]  # known


def _dtype(dtype: DTypeLike) -> np.dtype[Any]:
    return jax_dtype(standardize_dtype(dtype))


@kernels.add
@jitted
def random_uniform(key: Array, shape: ShapeLike, dtype: DTypeLike) -> Array:
    return jax.random.uniform(_generator(key), _shape(shape), _dtype(dtype))


@kernels.add
@jitted
def random_normal(key: Array, shape: ShapeLike, dtype: DTypeLike) -> Array:
    return jax.random.normal(_generator(key), _shape(shape), _dtype(dtype))


@kernels.add
@jitted
def random_truncated_normal(key: Array, shape: ShapeLike, dtype: DTypeLike) -> Array:
    return jax.random.truncated_normal(_generator(key), -2.0, 2.0, _shape(shape), _dtype(dtype))


@kernels.add
@jitted
def random_randint(key: Array, shape: ShapeLike, minval: Any, maxval: Any, dtype: DTypeLike) -> Array:
    return jax.random.randint(_generator(key), _shape(shape), minval, maxval, _dtype(dtype))


@kernels.add
@jitted
def random_categorical(key: Array, logits: Array, num_samples: int, dtype: DTypeLike) -> Array:
    samples = jax.random.categorical(_generator(key), logits, shape=(num_samples, *logits.shape[:-1]))
    return jnp.moveaxis(samples, 0, -1).astype(_dtype(dtype))


@kernels.add
@jitted
def random_shuffle(key: Array, x: Array, axis: int = 0) -> Array:
    return jax.random.permutation(_generator(key), x, axis)


@kernels.add
@jitted
def random_gamma(key: Array, shape: ShapeLike, alpha: Array, dtype: DTypeLike) -> Array:
    return jax.random.gamma(_generator(key), alpha, _shape(shape), _dtype(dtype))


@kernels.add
@jitted
def random_binomial(key: Array, shape: ShapeLike, counts: Array, probabilities: Array, dtype: DTypeLike) -> Array:
    return jax.random.binomial(_generator(key), counts, probabilities, _shape(shape)).astype(_dtype(dtype))
