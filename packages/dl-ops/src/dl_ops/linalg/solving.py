"""Linear equations, inverses and determinants."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import precision, standardize_dtype
from dl_ops.linalg.matrices import matrix, spec, square_matrix, square_matrix_scalar
from dl_ops.op import op, primitive
from dl_ops.rules import floating
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["det", "inv", "logdet", "matrix_rank", "pinv", "solve", "solve_triangular"]


def _solved(a: Any, b: Any, lower: bool = False) -> Shape:
    shape, right = square_matrix(a), tuple(b.shape)
    vectors = len(right) == len(shape) - 1
    if not vectors and len(right) != len(shape):
        raise ValueError(f"b has shape {right}: expected as many dimensions as a of shape {shape}, or one less")
    rows = right[-1] if vectors else right[-2]
    if None not in (shape[-1], rows) and shape[-1] != rows:
        raise ValueError(f"a has shape {shape}, b {right}: expected as many rows in both")
    return right


@op(shape=_solved, dtype=floating)
def solve(a: TensorLike, b: TensorLike) -> Tensor:
    """Solution ``x`` of ``a @ x == b``.

    Parameters
    ----------
    a : tensor_like, shape (..., n, n)
        Not singular.
    b : tensor_like, shape (..., n) or (..., n, k)

    Returns
    -------
    tensor, of the shape of `b`

    Raises
    ------
    ValueError
        If the shapes do not fit together; where the framework notices it, also if `a` is singular.

    Examples
    --------
    >>> solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0]).tolist()
    [1.0, 0.5]
    """
    raise primitive()


@op(shape=_solved, dtype=floating)
def solve_triangular(a: TensorLike, b: TensorLike, lower: bool = False) -> Tensor:
    """Solution ``x`` of ``a @ x == b`` for triangular `a`.

    Parameters
    ----------
    a : tensor_like, shape (..., n, n)
        Only its upper triangle is read, or the lower one if `lower`.
    b : tensor_like, shape (..., n) or (..., n, k)
    lower : bool, default False

    Returns
    -------
    tensor, of the shape of `b`

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> solve_triangular([[2.0, 0.0], [1.0, 4.0]], [2.0, 3.0], lower=True).tolist()
    [1.0, 0.5]
    """
    return solve(ops.tril(a) if lower else ops.triu(a), b)


@op(shape=square_matrix, dtype=floating)
def inv(x: TensorLike) -> Tensor:
    """Inverse of square matrices.

    Parameters
    ----------
    x : tensor_like, shape (..., n, n)
        Not singular.

    Returns
    -------
    tensor, shape (..., n, n)

    Raises
    ------
    ValueError
        If `x` is not square; where the framework notices it, also if it is singular.

    Examples
    --------
    >>> inv([[2.0, 0.0], [0.0, 4.0]]).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    identity = ops.eye(known_size(x, -1), dtype=dtype_of(x))
    return solve(x, ops.broadcast_to(identity, shape_of(x)))


@op(shape=square_matrix_scalar, dtype=floating)
def det(x: TensorLike) -> Tensor:
    """Determinant of square matrices.

    Parameters
    ----------
    x : tensor_like, shape (..., n, n)

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `x` is not square.

    Examples
    --------
    >>> round(float(det([[2.0, 1.0], [0.0, 4.0]])), 4)
    8.0
    """
    lu, pivots = ops.lu_factor(x)
    moved = ops.not_equal(pivots, ops.arange(known_size(x, -1), dtype="int32"))
    odd = ops.mod(ops.sum(ops.cast(moved, "int32"), axis=-1), 2)
    sign = ops.subtract(1, ops.multiply(odd, 2))
    return ops.multiply(ops.cast(sign, dtype_of(x)), ops.prod(ops.diagonal(lu, axis1=-2, axis2=-1), axis=-1))


@op(shape=square_matrix_scalar, dtype=floating)
def logdet(x: TensorLike) -> Tensor:
    """Logarithm of the determinant of positive definite matrices.

    Parameters
    ----------
    x : tensor_like, shape (..., n, n)
        Symmetric and positive definite.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `x` is not square.

    Examples
    --------
    >>> float(logdet([[1.0, 0.0], [0.0, 1.0]]))
    0.0
    """
    roots = ops.log(ops.diagonal(ops.cholesky(x), axis1=-2, axis2=-1))
    return ops.multiply(ops.sum(roots, axis=-1), 2.0)


def _pinv_shape(x: Any, rcond: Any = None) -> Shape:
    *stack, m, n = matrix(x)
    return (*stack, n, m)


@op(shape=_pinv_shape, dtype=floating)
def pinv(x: TensorLike, rcond: float | None = None) -> Tensor:
    """Moore-Penrose pseudo-inverse of matrices.

    Parameters
    ----------
    x : tensor_like, shape (..., m, n)
    rcond : float, optional
        Singular values up to this, relative to the largest, count as 0. By default ten times the larger size times the
        dtype's precision.

    Returns
    -------
    tensor, shape (..., n, m)

    Examples
    --------
    >>> ops.round(pinv([[2.0, 0.0], [0.0, 0.0]]), 4).tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    u, s, v = ops.svd(x, full_matrices=False)
    cutoff = _precision(x) * 10 if rcond is None else rcond
    large = ops.greater(s, ops.multiply(ops.max(s, axis=-1, keepdims=True), cutoff))
    # the inner where keeps the division, and so its gradient, finite
    inverse = ops.where(large, ops.divide(1.0, ops.where(large, s, 1.0)), 0.0)
    return ops.matmul(ops.multiply(ops.swapaxes(v, -1, -2), ops.expand_dims(inverse, -2)), ops.swapaxes(u, -1, -2))


def _precision(x: Any) -> float:
    """The larger size of a matrix times the precision of its dtype."""
    return float(max(x.shape[-2:]) * precision(standardize_dtype(x.dtype)))


def _rank_spec(x: Any, tol: Any = None) -> Any:
    return spec(matrix(x)[:-2], "int32")


@op(spec=_rank_spec, dtype=floating)
def matrix_rank(x: TensorLike, tol: float | None = None) -> Tensor:
    """Number of singular values of matrices that are not negligible.

    Parameters
    ----------
    x : tensor_like, shape (..., m, n)
    tol : float, optional
        Singular values up to this count as 0. By default the largest times the larger size times the dtype's precision.

    Returns
    -------
    tensor of int32, shape (...)

    Examples
    --------
    >>> int(matrix_rank([[1.0, 2.0], [2.0, 4.0]]))
    1
    """
    s = ops.svd(x, full_matrices=False, compute_uv=False)
    cutoff = ops.multiply(ops.max(s, axis=-1, keepdims=True), _precision(x)) if tol is None else tol
    return ops.sum(ops.cast(ops.greater(s, cutoff), "int32"), axis=-1)
