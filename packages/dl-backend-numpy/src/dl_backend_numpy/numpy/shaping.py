"""Other shapes for the same elements; results share memory with what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_backend_numpy.numpy.reductions import axes
from dl_ops.backend import Kernels
from dl_ops.numpy.shaping import target_shape
from dl_ops.typing import Array, Axis

kernels = Kernels()

for _name in ("broadcast_to", "moveaxis", "swapaxes"):
    kernels.register(_name, getattr(np, _name))


@kernels.add
def reshape(x: Array, newshape: Any) -> Array:
    return x.reshape(target_shape(newshape))


@kernels.add
def transpose(x: Array, axes: Sequence[int] | None = None) -> Array:
    return x.transpose(axes)


@kernels.add
def squeeze(x: Array, axis: Axis = None) -> Array:
    if not x.ndim and axis not in (None, (), []):
        # NumPy takes 0 and -1 for axes of a number, too
        raise ValueError("a number has no axes")
    return x.squeeze(axes(axis))


@kernels.add
def expand_dims(x: Array, axis: int | Sequence[int]) -> Array:
    return np.expand_dims(x, axis)


@kernels.add
def ravel(x: Array) -> Array:
    return x.reshape(-1)
