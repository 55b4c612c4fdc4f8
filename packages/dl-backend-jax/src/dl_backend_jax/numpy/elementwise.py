"""Element-wise arithmetic, comparison, exponents, limits, rounding and trigonometry."""

from __future__ import annotations

from typing import Final

import jax
import jax.numpy as jnp
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels

kernels = Kernels()

# jax.numpy's own functions where name, signature and semantics are the op's
_SAME: Final = """
    add subtract multiply divide true_divide floor_divide mod negative reciprocal
    square sqrt exp exp2 expm1 log log1p log2 log10
    maximum minimum fmax fmin fmod heaviside
    cbrt hypot logaddexp2 sinc
    bitwise_and bitwise_or bitwise_xor bitwise_not
    real imag conj nextafter signbit
    absolute abs sign floor ceil trunc
    sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh arcsinh arccosh arctanh
    equal not_equal greater greater_equal less less_equal
    logical_and logical_or logical_xor logical_not isnan isinf isfinite
"""
for _name in _SAME.split():
    kernels.register(_name, jax.jit(getattr(jnp, _name), inline=True))


@kernels.add
@jitted
def round(x: Array, decimals: int = 0) -> Array:
    return jnp.round(x, decimals)


@kernels.add
@jitted
def power(x1: Array, x2: Array) -> Array:
    if jnp.issubdtype(x1.dtype, jnp.inexact):
        # JAX's gradient is NaN where both are 0; 1**0 is the same, and its gradient 0
        x1 = jnp.where((x1 == 0) & (x2 == 0), 1, x1)
    return jnp.power(x1, x2)


@kernels.add
@jitted
def i0(x: Array) -> Array:
    # JAX's is NaN at infinity
    return jnp.where(jnp.isinf(x), jnp.inf, jnp.i0(jnp.where(jnp.isinf(x), 0, x))).astype(x.dtype)


for _name in ("left_shift", "right_shift"):
    kernels.register(f"bitwise_{_name}", jax.jit(getattr(jnp, _name), inline=True))


@kernels.add
@jitted
def isin(x1: Array, x2: Array, assume_unique: bool = False, invert: bool = False) -> Array:
    return jnp.isin(x1, x2, assume_unique=assume_unique, invert=invert)
