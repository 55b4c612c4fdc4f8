"""Decompositions of matrices."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import known_size
from dl_ops.dtypes import is_complex, promote
from dl_ops.linalg.matrices import matrix, spec, square_matrix
from dl_ops.op import op, primitive
from dl_ops.rules import floating
from dl_ops.typing import Tensor, TensorLike

__all__ = ["cholesky", "cholesky_inverse", "eig", "eigh", "lu_factor", "qr", "svd"]


@op(shape=square_matrix, dtype=floating)
def cholesky(x: TensorLike, upper: bool = False) -> Tensor:
    """Cholesky factor of positive definite matrices: lower triangular ``L`` with ``L @ L.T == x``.

    Parameters
    ----------
    x : tensor_like, shape (..., n, n)
        Symmetric and positive definite.
    upper : bool, default False
        Return ``L.T`` instead.

    Returns
    -------
    tensor, shape (..., n, n)

    Raises
    ------
    ValueError
        If `x` is not square; where the framework notices it, also if it is not positive definite.

    Examples
    --------
    >>> cholesky([[4.0, 2.0], [2.0, 10.0]]).tolist()
    [[2.0, 0.0], [1.0, 3.0]]
    """
    raise primitive()


@op(shape=square_matrix, dtype=floating)
def cholesky_inverse(x: TensorLike, upper: bool = False) -> Tensor:
    """Inverse of the matrices that have `x` as their Cholesky factor.

    Parameters
    ----------
    x : tensor_like, shape (..., n, n)
        Lower triangular, or upper if `upper`.
    upper : bool, default False

    Returns
    -------
    tensor, shape (..., n, n)
        ``inv(x @ x.T)``, or ``inv(x.T @ x)`` if `upper`.

    Raises
    ------
    ValueError
        If `x` is not square.

    Examples
    --------
    >>> cholesky_inverse([[2.0, 0.0], [0.0, 4.0]]).tolist()
    [[0.25, 0.0], [0.0, 0.0625]]
    """
    factor = cast(Tensor, x)
    identity = ops.broadcast_to(ops.eye(factor.shape[-1], dtype=factor.dtype), factor.shape)
    inverse = ops.solve_triangular(factor, identity, lower=not upper)
    transposed = ops.swapaxes(inverse, -1, -2)
    return ops.matmul(inverse, transposed) if upper else ops.matmul(transposed, inverse)


def _lu_spec(x: Any) -> Any:
    *stack, m, n = matrix(x)
    smaller = None if m is None or n is None else min(m, n)
    return spec((*stack, m, n), x.dtype), spec((*stack, smaller), "int32")


@op(spec=_lu_spec, dtype=floating)
def lu_factor(x: TensorLike) -> tuple[Tensor, Tensor]:
    """LU decomposition with row exchanges.

    Parameters
    ----------
    x : tensor_like, shape (..., m, n)

    Returns
    -------
    lu : tensor, shape (..., m, n)
        ``U`` in the upper triangle, and ``L``, whose diagonal is 1, below it.
    pivots : tensor of int32, shape (..., min(m, n))
        Row ``i`` was exchanged with row ``pivots[i]``, one after the other.

    References
    ----------
    Golub and Van Loan, "Matrix Computations", section 3.4: elimination with partial pivoting.

    Examples
    --------
    >>> lu, pivots = lu_factor([[1.0, 2.0], [4.0, 4.0]])
    >>> lu.tolist(), pivots.tolist()
    ([[4.0, 4.0], [0.25, 1.0]], [1, 1])
    """
    lu = cast(Tensor, x)
    rows, columns = np.arange(known_size(x, -2), dtype="int32"), np.arange(known_size(x, -1), dtype="int32")
    pivots = []
    for i in range(min(len(rows), len(columns))):
        sizes = ops.where(rows >= i, ops.absolute(lu[..., i]), -1.0)
        pivot = ops.cast(ops.argmax(sizes, axis=-1, keepdims=True), "int32")
        pivots.append(pivot)
        order = ops.where(rows == i, pivot, ops.where(ops.equal(rows, pivot), i, rows))
        lu = ops.take_along_axis(lu, ops.expand_dims(order, -1), axis=-2)
        diagonal = lu[..., i : i + 1, i]
        # a column of zeros has a pivot of zero, and nothing to eliminate
        safe = ops.where(ops.equal(diagonal, 0.0), 1.0, diagonal)
        factors = ops.expand_dims(ops.where(rows > i, ops.divide(lu[..., i], safe), 0.0), -1)
        right = ops.where(columns > i, lu[..., i : i + 1, :], 0.0)
        lu = ops.where(np.outer(rows > i, columns == i), factors, ops.subtract(lu, ops.multiply(factors, right)))
    if not pivots:
        return lu, ops.zeros((*lu.shape[:-2], 0), dtype="int32")
    return lu, ops.concatenate(pivots, axis=-1)


def _qr_spec(x: Any, mode: str = "reduced") -> Any:
    *stack, m, n = matrix(x)
    if mode not in ("reduced", "complete"):
        raise ValueError(f"mode={mode!r}: expected 'reduced' or 'complete'")
    k = m if mode == "complete" else None if m is None or n is None else min(m, n)
    return spec((*stack, m, k), x.dtype), spec((*stack, k, n), x.dtype)


@op(spec=_qr_spec, dtype=floating)
def qr(x: TensorLike, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """QR decomposition: ``q @ r == x`` with orthonormal columns in ``q`` and upper triangular ``r``.

    Parameters
    ----------
    x : tensor_like, shape (..., m, n)
    mode : {"reduced", "complete"}
        Whether ``q`` has ``k = min(m, n)`` columns, or ``k = m``.

    Returns
    -------
    q : tensor, shape (..., m, k)
    r : tensor, shape (..., k, n)
        Signs may differ between backends.

    Raises
    ------
    ValueError
        If `mode` is neither, or `x` is no matrix.

    Examples
    --------
    >>> q, r = qr([[3.0, 1.0], [4.0, 2.0]])
    >>> ops.round(ops.matmul(q, r), 4).tolist()
    [[3.0, 1.0], [4.0, 2.0]]
    """
    raise primitive()


def _eig_spec(x: Any) -> Any:
    shape = square_matrix(x)
    dtype = x.dtype if is_complex(x.dtype) else promote(x.dtype, "complex64")
    return spec(shape[:-1], dtype), spec(shape, dtype)


@op(spec=_eig_spec, dtype=floating)
def eig(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors of square matrices.

    Parameters
    ----------
    x : tensor_like, shape (..., n, n)

    Returns
    -------
    values : tensor of complex64 or complex128, shape (..., n)
        In no particular order. Those of real matrices have gradients; of the vectors, backends may have none.
    vectors : tensor of complex64 or complex128, shape (..., n, n)
        In columns, of length 1; phases may differ between backends.

    Raises
    ------
    ValueError
        If `x` is not square.

    Examples
    --------
    >>> values, vectors = eig([[0.0, 1.0], [-1.0, 0.0]])
    >>> sorted(values.tolist(), key=lambda value: value.imag)
    [-1j, 1j]
    """
    raise primitive()


def _eigh_spec(x: Any) -> Any:
    shape = square_matrix(x)
    return spec(shape[:-1], x.dtype), spec(shape, x.dtype)


@op(spec=_eigh_spec, dtype=floating)
def eigh(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors of symmetric matrices.

    Parameters
    ----------
    x : tensor_like, shape (..., n, n)
        Symmetric; backends may read one triangle only.

    Returns
    -------
    values : tensor, shape (..., n)
        In ascending order.
    vectors : tensor, shape (..., n, n)
        In columns; signs may differ between backends.

    Raises
    ------
    ValueError
        If `x` is not square.

    Examples
    --------
    >>> values, vectors = eigh([[2.0, 0.0], [0.0, 1.0]])
    >>> values.tolist()
    [1.0, 2.0]
    """
    raise primitive()


def _svd_spec(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    *stack, m, n = matrix(x)
    k = None if m is None or n is None else min(m, n)
    values = spec((*stack, k), x.dtype)
    if not compute_uv:
        return values
    return (
        spec((*stack, m, m if full_matrices else k), x.dtype),
        values,
        spec((*stack, n if full_matrices else k, n), x.dtype),
    )


@op(spec=_svd_spec, dtype=floating)
def svd(x: TensorLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Singular value decomposition: ``u * s @ v == x`` with orthonormal columns in ``u`` and rows in ``v``.

    Parameters
    ----------
    x : tensor_like, shape (..., m, n)
    full_matrices : bool, default True
        Whether ``u`` and ``v`` are square, or have ``k = min(m, n)`` columns and rows.
    compute_uv : bool, default True
        Whether to return more than ``s``.

    Returns
    -------
    u : tensor, shape (..., m, m) or (..., m, k)
    s : tensor, shape (..., k)
        Singular values in descending order.
    v : tensor, shape (..., n, n) or (..., k, n)
        Signs of ``u`` and ``v`` may differ between backends.

    Examples
    --------
    >>> svd([[3.0, 0.0], [0.0, 4.0]], compute_uv=False).tolist()
    [4.0, 3.0]
    """
    raise primitive()
