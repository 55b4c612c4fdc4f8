"""Activations."""

from __future__ import annotations

import jax

from dl_ops.backend import Kernels

kernels = Kernels()

for _name in ("sigmoid", "softplus"):
    kernels.register(_name, jax.jit(getattr(jax.nn, _name), inline=True))

# its gradient at 0 is 0; that of maximum(x, 0) is 0.5 in JAX
kernels.register("relu", jax.jit(jax.nn.relu, inline=True))
