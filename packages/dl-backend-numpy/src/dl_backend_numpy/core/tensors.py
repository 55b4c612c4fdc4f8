"""Other dtypes, and copies."""

from __future__ import annotations

from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.typing import Array, DTypeLike

kernels = Kernels()


@kernels.add
def cast(x: Array, dtype: DTypeLike) -> Array:
    wanted = numpy_dtype(standardize_dtype(dtype))
    # NumPy does so too, and warns
    real = x.dtype.kind == "c" and wanted.kind not in "cb"
    return (x.real if real else x).astype(wanted, copy=False)


@kernels.add
def copy(x: Array) -> Array:
    return x.copy()
