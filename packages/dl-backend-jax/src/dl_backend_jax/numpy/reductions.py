"""Reductions, and sums and products along an axis."""

from __future__ import annotations

from typing import Final

import jax.numpy as jnp
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_backend_jax.tensors import jax_dtype
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype
from dl_ops.typing import Axis, DTypeLike

kernels = Kernels()

_SAME: Final = "mean var std any all"


def _reduction(name: str) -> None:
    function = getattr(jnp, name)

    def reduction(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return function(x, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]  # one of jax.numpy's

    kernels.register(name, jitted(reduction))


for _name in _SAME.split():
    _reduction(_name)


@kernels.add
@jitted
def sum(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    return jnp.sum(x, axis=axis, keepdims=keepdims, dtype=_wanted(x, None))


@kernels.add
@jitted
def max(x: Array, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Array:
    return jnp.max(x, axis=axis, keepdims=keepdims, initial=initial)


@kernels.add
@jitted
def min(x: Array, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Array:
    return jnp.min(x, axis=axis, keepdims=keepdims, initial=initial)


@kernels.add
@jitted
def prod(x: Array, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike = None) -> Array:
    return jnp.prod(x, axis=axis, keepdims=keepdims, dtype=_wanted(x, dtype))


@kernels.add
@jitted
def argmax(x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
    return jnp.argmax(x, axis=axis, keepdims=keepdims).astype(jnp.int32)


@kernels.add
@jitted
def argmin(x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
    return jnp.argmin(x, axis=axis, keepdims=keepdims).astype(jnp.int32)


@kernels.add
@jitted
def cumsum(x: Array, axis: int | None = None, dtype: DTypeLike = None) -> Array:
    return jnp.cumsum(x, axis=axis, dtype=_wanted(x, dtype))


@kernels.add
@jitted
def cumprod(x: Array, axis: int | None = None, dtype: DTypeLike = None) -> Array:
    return jnp.cumprod(x, axis=axis, dtype=_wanted(x, dtype))


def _wanted(x: Array, dtype: DTypeLike) -> DTypeLike:
    # JAX itself widens integers to 64 bits where it has them
    return x.dtype if dtype is None else jax_dtype(standardize_dtype(dtype))
