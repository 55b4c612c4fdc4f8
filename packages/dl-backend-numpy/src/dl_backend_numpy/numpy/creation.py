"""Arrays of given values."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.typing import Array, DTypeLike

kernels = Kernels()


@kernels.add
def full(shape: Any, fill_value: Array, dtype: DTypeLike | None = None) -> Array:
    return np.full(shape, fill_value, numpy_dtype(standardize_dtype(dtype)))


@kernels.add
def zeros(shape: Any, dtype: DTypeLike | None = None) -> Array:
    return np.zeros(shape, numpy_dtype(standardize_dtype(dtype)))


@kernels.add
def ones(shape: Any, dtype: DTypeLike | None = None) -> Array:
    return np.ones(shape, numpy_dtype(standardize_dtype(dtype)))


@kernels.add
def empty(shape: Any, dtype: DTypeLike | None = None) -> Array:
    return np.empty(shape, numpy_dtype(standardize_dtype(dtype)))


def _dtype_like(x: Array, dtype: DTypeLike | None) -> np.dtype[Any]:
    return x.dtype if dtype is None else numpy_dtype(standardize_dtype(dtype))


@kernels.add
def full_like(x: Array, fill_value: Array, dtype: DTypeLike | None = None) -> Array:
    return np.full(x.shape, fill_value, _dtype_like(x, dtype))


@kernels.add
def zeros_like(x: Array, dtype: DTypeLike | None = None) -> Array:
    return np.zeros(x.shape, _dtype_like(x, dtype))


@kernels.add
def ones_like(x: Array, dtype: DTypeLike | None = None) -> Array:
    return np.ones(x.shape, _dtype_like(x, dtype))


@kernels.add
def empty_like(x: Array, dtype: DTypeLike | None = None) -> Array:
    return np.empty(x.shape, _dtype_like(x, dtype))
