"""Decompositions of matrices, by NumPy's LAPACK where it has them; 16-bit floats in float32."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_backend_numpy.nn.conv import computing
from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()


def widened(x: Array) -> Array:
    return x if x.dtype.kind == "c" else computing(x)


@kernels.add
def cholesky(x: Array, upper: bool = False) -> Array:
    factor = np.linalg.cholesky(widened(x)).astype(x.dtype, copy=False)
    return np.swapaxes(factor, -1, -2).conj() if upper else factor


@kernels.add
def lu_factor(x: Array) -> tuple[Array, Array]:
    lu = np.array(widened(x))
    m, n = lu.shape[-2:]
    pivots = np.zeros((*lu.shape[:-2], min(m, n)), "int32")
    for i in range(min(m, n)):
        pivot = np.abs(lu[..., i:, i]).argmax(axis=-1) + i
        pivots[..., i] = pivot
        # exchange row i and the pivot's in each matrix
        rows = pivot[..., None, None]
        chosen = np.take_along_axis(lu, rows, axis=-2)
        np.put_along_axis(lu, rows, lu[..., i : i + 1, :], axis=-2)
        lu[..., i : i + 1, :] = chosen
        diagonal = lu[..., i, i, None]
        # a column of zeros has a pivot of zero, and nothing to eliminate
        lu[..., i + 1 :, i] /= np.where(diagonal == 0, 1, diagonal)
        lu[..., i + 1 :, i + 1 :] -= lu[..., i + 1 :, i, None] * lu[..., i, None, i + 1 :]
    return lu.astype(x.dtype, copy=False), pivots


@kernels.add
def qr(x: Array, mode: str = "reduced") -> tuple[Array, Array]:
    if mode not in ("reduced", "complete"):
        raise ValueError("NumPy has modes that the op does not have")
    q, r = np.linalg.qr(widened(x), mode)  # type: ignore[call-overload]  # checked above
    return q.astype(x.dtype, copy=False), r.astype(x.dtype, copy=False)


@kernels.add
def eig(x: Array) -> tuple[Array, Array]:
    values, vectors = np.linalg.eig(widened(x))
    # NumPy gives real numbers if all of them are
    dtype = np.result_type(values.dtype, np.complex64)
    return values.astype(dtype, copy=False), vectors.astype(dtype, copy=False)


@kernels.add
def eigh(x: Array) -> tuple[Array, Array]:
    values, vectors = np.linalg.eigh(widened(x))
    return values.astype(x.dtype, copy=False), vectors.astype(x.dtype, copy=False)


@kernels.add
def svd(x: Array, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    if not compute_uv:
        return np.linalg.svd(widened(x), full_matrices, False).astype(x.dtype, copy=False)
    return tuple(part.astype(x.dtype, copy=False) for part in np.linalg.svd(widened(x), full_matrices, True))
