"""Linear equations, inverses and determinants; 16-bit floats in float32."""

from __future__ import annotations

import numpy as np

from dl_backend_numpy.linalg.decompositions import widened
from dl_ops.backend import Kernels
from dl_ops.dtypes import precision
from dl_ops.linalg.solving import larger_size
from dl_ops.typing import Array

kernels = Kernels()


@kernels.add
def solve(a: Array, b: Array) -> Array:
    # NumPy takes b for vectors only if it has one dimension
    vectors = b.ndim == a.ndim - 1
    x = np.linalg.solve(widened(a), widened(b[..., None] if vectors else b)).astype(a.dtype, copy=False)
    return x[..., 0] if vectors else x


@kernels.add
def inv(x: Array) -> Array:
    return np.linalg.inv(widened(x)).astype(x.dtype, copy=False)


@kernels.add
def det(x: Array) -> Array:
    return np.asarray(np.linalg.det(widened(x))).astype(x.dtype, copy=False)


@kernels.add
def slogdet(x: Array) -> tuple[Array, Array]:
    sign, logarithm = np.linalg.slogdet(widened(x))
    return np.asarray(sign).astype(x.dtype), np.asarray(logarithm).astype(x.dtype)


@kernels.add
def pinv(x: Array, rcond: float | None = None) -> Array:
    cutoff = 10 * larger_size(x) * precision(x.dtype.name) if rcond is None else rcond
    return np.linalg.pinv(widened(x), cutoff).astype(x.dtype, copy=False)
