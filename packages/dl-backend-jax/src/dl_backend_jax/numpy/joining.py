"""Putting tensors together and taking them apart."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
@jitted
def concatenate(xs: Sequence[Array], axis: int = 0) -> Array:
    return jnp.concatenate(xs, axis)
