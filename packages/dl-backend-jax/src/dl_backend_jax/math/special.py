"""Special functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import jax
import jax.numpy as jnp
from jax import lax

from dl_ops.backend import Kernels

kernels = Kernels()

_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "erf": lax.erf,
    "erfc": lax.erfc,
    "erfinv": lax.erf_inv,
    "logaddexp": jnp.logaddexp,
}
for _name, _function in _FUNCTIONS.items():
    kernels.register(_name, jax.jit(_function, inline=True))
