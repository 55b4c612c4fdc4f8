"""Means over axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_backend_numpy.numpy.precision import NARROW, in_float32
from dl_backend_numpy.numpy.reductions import axes, sum
from dl_ops.backend import Kernels
from dl_ops.typing import Array, Axis

kernels = Kernels()


@kernels.add
def mean(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    if x.dtype.type in NARROW:
        return in_float32(np.mean, x, axis=axes(axis), keepdims=keepdims)
    # what ndarray.mean does, at a third of its cost for small arrays
    total = sum(x, axis, keepdims)
    return total / (x.size // total.size if total.size else 0)


@kernels.add
def var(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    if not x.size:
        return mean(x, axis, keepdims)  # NaN without ndarray.var's warning
    if x.dtype.type in NARROW:
        return in_float32(np.var, x, axis=axes(axis), keepdims=keepdims)
    return x.var(axes(axis), keepdims=keepdims)


@kernels.add
def std(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    if not x.size:
        return mean(x, axis, keepdims)  # NaN without ndarray.std's warning
    if x.dtype.type in NARROW:
        return in_float32(np.std, x, axis=axes(axis), keepdims=keepdims)
    return x.std(axes(axis), keepdims=keepdims)
