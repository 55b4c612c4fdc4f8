"""Sorting and searching."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
@jitted
def sort(x: Array, axis: int | None = -1) -> Array:
    return jnp.sort(x, axis)


@kernels.add
@jitted
def argsort(x: Array, axis: int | None = -1) -> Array:
    return jnp.argsort(x, axis).astype(jnp.int32)


@kernels.add
@jitted
def searchsorted(sorted_sequence: Array, values: Array, side: str = "left") -> Array:
    return jnp.searchsorted(sorted_sequence, values, side).astype(jnp.int32)


# takes a fraction of the time of a sort
@kernels.add
@jitted
def top_k(x: Array, k: int, sorted: bool = True) -> tuple[Array, Array]:
    values, indices = lax.top_k(x, k)
    return values, indices
