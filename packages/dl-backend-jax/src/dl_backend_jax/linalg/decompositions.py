"""Decompositions."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
@jitted
def cholesky(x: Array, upper: bool = False) -> Array:
    factor: Array = jnp.linalg.cholesky(x, upper=upper)
    return factor


@kernels.add
@jitted
def lu_factor(x: Array) -> tuple[Array, Array]:
    lu, pivots = jax.scipy.linalg.lu_factor(x)
    return lu, pivots


@kernels.add
@jitted
def qr(x: Array, mode: str = "reduced") -> tuple[Array, Array]:
    q, r = jnp.linalg.qr(x, mode)
    return q, r


@kernels.add
@jitted
def eigh(x: Array) -> tuple[Array, Array]:
    values, vectors = jnp.linalg.eigh(x)
    return values, vectors


@kernels.add
@jitted
def svd(x: Array, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    result = jnp.linalg.svd(x, full_matrices, compute_uv)
    return tuple(result) if compute_uv else result
