"""Identity matrices, triangles and diagonals."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.typing import Array, DTypeLike

kernels = Kernels()

kernels.register("diagonal", np.diagonal)


def _triangle(function: Callable[[Array, int], Array]) -> Callable[..., Array]:
    @functools.wraps(function)
    def triangle(x: Array, k: int = 0) -> Array:
        if x.ndim < 2:
            # NumPy would make a matrix of rows of it; the op's rules say what is wrong
            raise ValueError(f"x of shape {x.shape}")
        return function(x, k)

    return triangle


for _function in (np.tril, np.triu):
    kernels.register(_function.__name__, _triangle(_function))


@kernels.add
def eye(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> Array:
    return np.eye(N, M, k, numpy_dtype(standardize_dtype(dtype)))
