"""Linear systems, inverses and determinants."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_backend_jax.widening import wide, widened
from dl_ops.backend import Kernels
from dl_ops.dtypes import precision
from dl_ops.linalg.solving import larger_size

kernels = Kernels()

for _name in ("inv", "det"):
    kernels.register(_name, jax.jit(widened(getattr(jnp.linalg, _name)), inline=True))


@kernels.add
@jitted
@widened
def solve(a: Array, b: Array) -> Array:
    # vectors are those with a dimension less than a; jax.numpy takes a stack of them for a matrix
    x: Array = jnp.linalg.solve(a, b[..., None] if b.ndim < a.ndim else b)
    return x[..., 0] if b.ndim < a.ndim else x


@kernels.add
@jitted
@widened
def solve_triangular(a: Array, b: Array, lower: bool = False) -> Array:
    x: Array = jax.scipy.linalg.solve_triangular(a, b[..., None] if b.ndim < a.ndim else b, lower=lower)
    return x[..., 0] if b.ndim < a.ndim else x


@kernels.add
@jitted
@widened
def slogdet(x: Array) -> tuple[Array, Array]:
    sign, logarithm = jnp.linalg.slogdet(x)
    return sign, logarithm


@kernels.add
@jitted
def pinv(x: Array, rcond: float | None = None) -> Array:
    cutoff = 10 * larger_size(x) * precision(x.dtype.name) if rcond is None else rcond
    inverse: Array = jnp.linalg.pinv(wide(x), rtol=cutoff)
    return inverse.astype(x.dtype)
