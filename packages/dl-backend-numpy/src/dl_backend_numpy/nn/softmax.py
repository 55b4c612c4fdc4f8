"""Softmax in place, on one array that is as large as the argument."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.typing import Array, Axis

kernels = Kernels()


def _axes(axis: Axis) -> int | tuple[int, ...] | None:
    return tuple(axis) if isinstance(axis, Sequence) else axis


@kernels.add
def softmax(x: Array, axis: Axis = -1) -> Array:
    axes = _axes(axis)
    y: Array = x - x.max(axis=axes, keepdims=True)
    np.exp(y, out=y)
    y /= y.sum(axis=axes, keepdims=True)
    return y


@kernels.add
def log_softmax(x: Array, axis: Axis = -1) -> Array:
    axes = _axes(axis)
    y: Array = x - x.max(axis=axes, keepdims=True)
    y -= np.log(np.exp(y).sum(axis=axes, keepdims=True))
    return y
