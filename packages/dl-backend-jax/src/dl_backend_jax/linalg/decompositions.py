"""Decompositions."""

from __future__ import annotations

import inspect
from typing import Any, Final

import jax
import jax.numpy as jnp
from jax import Array, lax

from dl_backend_jax.jitted import jitted
from dl_backend_jax.widening import widened
from dl_ops.backend import Kernels

kernels = Kernels()

# newer versions differentiate eigenvectors if they are asked to
_WITH_DERIVATIVES: Final[dict[str, Any]] = {
    name: True for name in inspect.signature(lax.linalg.eig).parameters if name == "enable_eigvec_derivs"
}


@kernels.add
@jitted
@widened
def cholesky(x: Array, upper: bool = False) -> Array:
    factor: Array = jnp.linalg.cholesky(x, upper=upper)
    return factor


@kernels.add
@jitted
@widened
def lu_factor(x: Array) -> tuple[Array, Array]:
    lu, pivots = jax.scipy.linalg.lu_factor(x)
    return lu, pivots


@kernels.add
@jitted
@widened
def qr(x: Array, mode: str = "reduced") -> tuple[Array, Array]:
    if mode not in ("reduced", "complete"):
        # JAX has more, that give something else
        raise ValueError(f"mode={mode!r}")
    m, n = x.shape[-2:]
    if m >= n:
        q, r = jnp.linalg.qr(x, mode)
        return q, r
    # JAX has no derivative of a wide matrix's, but the first square says it all
    q, r = jnp.linalg.qr(x[..., :m], mode)
    return q, jnp.concatenate([r, jnp.matmul(jnp.swapaxes(q, -1, -2).conj(), x[..., m:])], -1)


@kernels.add
@jitted
@widened
def eig(x: Array) -> tuple[Array, Array]:
    values, vectors = lax.linalg.eig(x, compute_left_eigenvectors=False, **_WITH_DERIVATIVES)
    return values, vectors


@kernels.add
@jitted
@widened
def eigh(x: Array) -> tuple[Array, Array]:
    values, vectors = jnp.linalg.eigh(x)
    return values, vectors


@kernels.add
@jitted
@widened
def svd(x: Array, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    result = jnp.linalg.svd(x, full_matrices, compute_uv)
    return tuple(result) if compute_uv else result
