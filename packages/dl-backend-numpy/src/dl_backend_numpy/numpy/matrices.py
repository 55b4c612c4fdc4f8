"""Identity matrices, triangles and diagonals."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.typing import Array, DTypeLike

kernels = Kernels()

for _name in ("diagonal", "tril", "triu"):
    kernels.register(_name, getattr(np, _name))


@kernels.add
def eye(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> Array:
    return np.eye(N, M, k, numpy_dtype(standardize_dtype(dtype)))


@kernels.add
def tri(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> Array:
    return np.tri(N, M, k, numpy_dtype(standardize_dtype(dtype)))
