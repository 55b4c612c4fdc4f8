"""Random numbers from keys, by JAX's threefry generator whatever its default is."""

from __future__ import annotations

from operator import index
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_backend_jax.tensors import jax_dtype
from dl_ops.backend import Kernels
from dl_ops.dtypes import finite_range, standardize_dtype
from dl_ops.typing import DTypeLike, ShapeLike

kernels = Kernels()


def _generator(key: Array) -> Array:
    generator: Array = jax.random.wrap_key_data(key.astype(jnp.uint32), impl="threefry2x32")
    return generator


def _shape(shape: ShapeLike) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple([index(size) for size in shape])  # type: ignore[arg-type]  # known


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
    wanted = _dtype(dtype)
    smallest, largest = finite_range(wanted.name)
    # JAX takes no bound that the dtype does not hold
    shift = int(isinstance(maxval, int) and maxval == largest + 1)
    if shift and minval == smallest:
        bits = jax.random.bits(_generator(key), _shape(shape), f"uint{8 * wanted.itemsize}")
        return jax.lax.bitcast_convert_type(bits, wanted)
    low, high = (wanted.type(x - shift) if isinstance(x, int) else x for x in (minval, maxval))
    numbers = jax.random.randint(_generator(key), _shape(shape), low, high, wanted)
    return numbers + wanted.type(1) if shift else numbers


@kernels.add
@jitted
def random_categorical(key: Array, logits: Array, num_samples: int, dtype: DTypeLike) -> Array:
    logits = logits if jnp.issubdtype(logits.dtype, jnp.floating) else logits.astype(jnp.float32)
    samples = jax.random.categorical(_generator(key), logits, shape=(num_samples, *logits.shape[:-1]))
    return jnp.moveaxis(samples, 0, -1).astype(_dtype(dtype))


@kernels.add
@jitted
def random_shuffle(key: Array, x: Array, axis: int = 0) -> Array:
    return jax.random.permutation(_generator(key), x, axis)


@kernels.add
@jitted
def random_gamma(key: Array, shape: ShapeLike, alpha: Array, dtype: DTypeLike) -> Array:
    wanted = _dtype(dtype)
    # 16 bits hold too little of a small parameter and its powers
    compute = jnp.float32 if wanted.itemsize < 4 else wanted
    return jax.random.gamma(_generator(key), alpha.astype(compute), _shape(shape), compute).astype(wanted)


@kernels.add
@jitted
def random_binomial(key: Array, shape: ShapeLike, counts: Array, probabilities: Array, dtype: DTypeLike) -> Array:
    return jax.random.binomial(_generator(key), counts, probabilities, _shape(shape)).astype(_dtype(dtype))
