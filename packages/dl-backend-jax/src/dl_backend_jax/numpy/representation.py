"""How numbers are stored, and what complex ones are made of."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

from dl_backend_jax.jitted import jitted
from dl_backend_jax.tensors import jax_dtype
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype
from dl_ops.typing import DTypeLike

kernels = Kernels()


@kernels.add
@jitted
def view(x: Array, dtype: DTypeLike = None) -> Array:
    return x if dtype is None else x.view(jax_dtype(standardize_dtype(dtype)))


@jitted
def _complex(real: Array, imaginary: Array) -> Array:
    return lax.complex(*jnp.broadcast_arrays(real, imaginary))


# a function of that name would hide the built-in one here
kernels.register("complex", _complex)
