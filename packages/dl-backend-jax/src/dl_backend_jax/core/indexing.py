"""Reading and changing parts of a tensor at computed positions."""

from __future__ import annotations

from typing import Final

import jax.numpy as jnp
from jax import Array, lax

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels
from dl_ops.typing import ShapeLike

kernels = Kernels()

_METHODS: Final = {None: "set", "add": "add", "max": "max", "min": "min", "mul": "multiply"}


@kernels.add
@jitted
def scatter_update(inputs: Array, indices: Array, updates: Array, reduction: str | None = None) -> Array:
    positions = inputs.at[tuple(jnp.moveaxis(indices, -1, 0))]
    return getattr(positions, _METHODS[reduction])(updates)  # type: ignore[no-any-return]  # one of at[]'s methods


@kernels.add
@jitted
def slice(inputs: Array, start_indices: Array, shape: ShapeLike) -> Array:
    return lax.dynamic_slice(inputs, start_indices, (shape,) if isinstance(shape, int) else shape)


@kernels.add
@jitted
def slice_update(inputs: Array, start_indices: Array, updates: Array) -> Array:
    return lax.dynamic_update_slice(inputs, updates, start_indices)
