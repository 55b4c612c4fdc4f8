"""Special functions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from dl_ops.backend import Kernels

kernels = Kernels()

for _name, _function in {"erf": lax.erf, "erfc": lax.erfc, "erfinv": lax.erf_inv, "logaddexp": jnp.logaddexp}.items():
    kernels.register(_name, jax.jit(_function, inline=True))
