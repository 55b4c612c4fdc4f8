"""Other dtypes, and copies."""

from __future__ import annotations

from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.typing import Array, DTypeLike

kernels = Kernels()


@kernels.add
def cast(x: Array, dtype: DTypeLike) -> Array:
    return x.astype(numpy_dtype(standardize_dtype(dtype)), copy=False)


@kernels.add
def copy(x: Array) -> Array:
    return x.copy()
