"""How numbers are stored."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.typing import Array, DTypeLike

kernels = Kernels({"nextafter": np.nextafter, "signbit": np.signbit})


@kernels.add
def view(x: Array, dtype: DTypeLike = None) -> Array:
    if dtype is None:
        return x
    wanted = numpy_dtype(standardize_dtype(dtype))
    # numbers that are put together or taken apart must be neighbours
    apart = wanted.itemsize != x.itemsize and x.ndim > 0
    return (np.ascontiguousarray(x) if apart else x).view(wanted)


@kernels.add
def ldexp(x1: Array, x2: Array) -> Any:
    if x1.dtype.kind in "biu":
        x1 = x1.astype(numpy_dtype(standardize_dtype(None)))
    if x2.dtype.itemsize > 4 or x2.dtype == np.uint32:
        # beyond these, every number overflows or vanishes
        x2 = np.clip(x2, None if x2.dtype.kind == "u" else -9999, 9999).astype(np.int32)
    return np.ldexp(x1, x2)
