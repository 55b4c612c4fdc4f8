"""Elements repeated, reversed, shifted and padded along axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_backend_numpy.numpy.reductions import axes
from dl_ops.backend import Kernels
from dl_ops.numpy.reordering import pad_widths
from dl_ops.typing import Array, Axis

kernels = Kernels()

for _name in ("tile", "roll", "rot90"):
    kernels.register(_name, getattr(np, _name))


@kernels.add
def repeat(x: Array, repeats: int | Sequence[int], axis: int | None = None) -> Array:
    if isinstance(repeats, float):
        raise TypeError("NumPy cuts off the fraction")
    return np.repeat(x, repeats, axis)


@kernels.add
def flip(x: Array, axis: Axis = None) -> Array:
    return np.flip(x, axes(axis))


@kernels.add
def pad(x: Array, pad_width: Any, mode: str = "constant", constant_values: float | None = None) -> Array:
    widths = pad_widths(pad_width, x.ndim)
    if mode == "constant":
        # a third of the time of np.pad
        y = np.full(
            [before + size + after for size, (before, after) in zip(x.shape, widths, strict=True)],
            constant_values or 0,
            x.dtype,
        )
        y[tuple(slice(before, before + size) for size, (before, _) in zip(x.shape, widths, strict=True))] = x
        return y
    if constant_values is not None or mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise ValueError(f"mode={mode!r} with constant_values={constant_values}")  # the op's rules say it better
    if not widths:
        return x
    return np.pad(x, widths, mode)  # type: ignore[call-overload,no-any-return]  # one of the literals
