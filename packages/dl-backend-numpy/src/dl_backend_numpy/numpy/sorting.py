"""Sorting and searching."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_backend_numpy.numpy.precision import NARROW, in_float32
from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()


def _ordered(x: Array) -> Array:
    """`x` in a dtype whose order has NaN at the end."""
    return x.astype(np.float32) if x.dtype.type in NARROW else x


@kernels.add
def sort(x: Array, axis: int | None = -1) -> Array:
    return in_float32(np.sort, x, axis=axis) if x.dtype.type in NARROW else np.sort(x, axis)


@kernels.add
def argsort(x: Array, axis: int | None = -1) -> Array:
    return np.argsort(_ordered(x), axis, kind="stable").astype(np.int32)


@kernels.add
def searchsorted(sorted_sequence: Array, values: Array, side: Any = "left") -> Any:
    return np.searchsorted(_ordered(sorted_sequence), _ordered(values), side).astype(np.int32)
