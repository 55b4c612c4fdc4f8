"""Shapes and order of axes."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels
from dl_ops.typing import ShapeLike

kernels = Kernels()


@kernels.add
@jitted
def reshape(x: Array, newshape: ShapeLike) -> Array:
    return jnp.reshape(x, newshape)


@kernels.add
@jitted
def transpose(x: Array, axes: Sequence[int] | None = None) -> Array:
    return jnp.transpose(x, axes)


@kernels.add
@jitted
def broadcast_to(x: Array, shape: ShapeLike) -> Array:
    return jnp.broadcast_to(x, shape)
