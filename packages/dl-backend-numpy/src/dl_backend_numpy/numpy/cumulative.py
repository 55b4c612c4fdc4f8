"""Cumulative sums and products."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_backend_numpy.numpy.precision import NARROW, in_float32
from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.typing import Array, DTypeLike

kernels = Kernels()


def _accumulated(ufunc: np.ufunc, x: Array, axis: int | None, dtype: DTypeLike | None) -> Any:
    if axis is None:
        x, axis = x.reshape(-1), 0
    if dtype is not None:
        x = x.astype(numpy_dtype(standardize_dtype(dtype)), copy=False)
    if x.dtype.type in NARROW:
        return in_float32(ufunc.accumulate, x, axis=axis)
    return ufunc.accumulate(x, axis, x.dtype)


@kernels.add
def cumsum(x: Array, axis: int | None = None, dtype: DTypeLike | None = None) -> Any:
    return _accumulated(np.add, x, axis, dtype)


@kernels.add
def cumprod(x: Array, axis: int | None = None, dtype: DTypeLike | None = None) -> Any:
    return _accumulated(np.multiply, x, axis, dtype)
