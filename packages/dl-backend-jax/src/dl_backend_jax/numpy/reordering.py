"""Repetition, order of elements, and padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels
from dl_ops.numpy.reordering import pad_widths
from dl_ops.typing import Axis

kernels = Kernels()


@kernels.add
@jitted
def flip(x: Array, axis: Axis = None) -> Array:
    return jnp.flip(x, axis)


# XLA fuses its own padding into convolutions and the like, and not concatenations
@kernels.add
@jitted
def pad(
    x: Array, pad_width: int | Sequence[Any], mode: str = "constant", constant_values: float | None = None
) -> Array:
    widths = pad_widths(pad_width, x.ndim)
    if not widths:
        return x
    if mode == "constant":
        return jnp.pad(x, widths, constant_values=0 if constant_values is None else constant_values)
    if constant_values is not None:
        raise ValueError(f"constant_values={constant_values} has no meaning with mode={mode!r}")
    return jnp.pad(x, widths, mode)
