"""Products that sum over axes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from dl_ops.backend import Kernels

kernels = Kernels()

kernels.register("matmul", jax.jit(jnp.matmul, inline=True))


@kernels.add
def einsum(subscripts: str, *operands: Array, **kwargs: Any) -> Array:
    return jnp.einsum(subscripts, *operands, **kwargs)
