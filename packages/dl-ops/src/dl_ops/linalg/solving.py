"""Linear equations, inverses and determinants."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import precision
from dl_ops.linalg.matrices import matrix, spec, square_matrix, square_matrix_scalar
from dl_ops.op import op, primitive
from dl_ops.rules import floating
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["det", "inv", "logdet", "lstsq", "matrix_rank", "pinv", "slogdet", "solve", "solve_triangular"]


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
    sign, diagonal = _eliminated(x)
    return ops.multiply(sign, ops.prod(diagonal, axis=-1))


def _eliminated(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Diagonals of triangular matrices with the same determinants, but for the sign, which comes first."""
    lu, pivots = ops.lu_factor(x)
    moved = ops.not_equal(pivots, ops.arange(known_size(x, -1), dtype="int32"))
    odd = ops.mod(ops.sum(ops.cast(moved, "int32"), axis=-1), 2)
    sign = ops.subtract(1, ops.multiply(odd, 2))
    return ops.cast(sign, dtype_of(x)), ops.diagonal(lu, axis1=-2, axis2=-1)


def _slogdet_spec(x: Any) -> Any:
    shape = square_matrix_scalar(x)
    return spec(shape, x.dtype), spec(shape, x.dtype)


@op(spec=_slogdet_spec, dtype=floating)
def slogdet(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Sign and logarithm of the determinant of square matrices, for determinants too large or small for their dtype.

    Parameters
    ----------
    x : tensor_like, shape (..., n, n)

    Returns
    -------
    sign : tensor, shape (...)
        1, -1, or 0 for a singular matrix.
    logabsdet : tensor, shape (...)
        Logarithm of the magnitude; minus infinity for a singular matrix.

    Raises
    ------
    ValueError
        If `x` is not square.

    Examples
    --------
    >>> sign, logabsdet = slogdet([[0.0, 1.0], [1.0, 0.0]])
    >>> float(sign), float(logabsdet)
    (-1.0, 0.0)
    """
    sign, diagonal = _eliminated(x)
    signs = ops.multiply(sign, ops.prod(ops.sign(diagonal), axis=-1))
    return signs, ops.sum(ops.log(ops.absolute(diagonal)), axis=-1)


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
    cutoff = larger_size(x) * (10 * precision(dtype_of(x))) if rcond is None else rcond
    large = ops.greater(s, ops.multiply(ops.max(s, axis=-1, keepdims=True, initial=0.0), cutoff))
    # the inner where keeps the division, and so its gradient, finite
    inverse = ops.where(large, ops.divide(1.0, ops.where(large, s, 1.0)), 0.0)
    return ops.matmul(ops.multiply(ops.swapaxes(v, -1, -2), ops.expand_dims(inverse, -2)), ops.swapaxes(u, -1, -2))


def larger_size(x: Any) -> Any:
    """The larger size of a matrix; a tensor if it is not known while a graph is built."""
    m, n = shape_of(x)[-2:]
    if m is not None and n is not None:
        return float(max(m, n))
    ones = ops.ones_like(x)
    rows, columns = (ops.sum(ops.max(ones, axis=axis, initial=0.0), axis=-1, keepdims=True) for axis in (-1, -2))
    return ops.maximum(rows, columns)


def _lstsq_shape(a: Any, b: Any, rcond: Any = None) -> Shape:
    *stack, m, n = matrix(a, "a")
    right = tuple(b.shape)
    vectors = len(right) == len(stack) + 1
    if not vectors and len(right) != len(stack) + 2:
        raise ValueError(
            f"b has shape {right}: expected as many dimensions as a of shape {tuple(a.shape)}, or one less"
        )
    rows = right[-1] if vectors else right[-2]
    if None not in (m, rows) and m != rows:
        raise ValueError(f"a has shape {tuple(a.shape)}, b {right}: expected as many rows in both")
    return (*stack, n) if vectors else (*stack, n, right[-1])


@op(shape=_lstsq_shape, dtype=floating)
def lstsq(a: TensorLike, b: TensorLike, rcond: float | None = None) -> Tensor:
    """Solution ``x`` of ``a @ x == b`` in the sense of least squares; the shortest one, if there are several.

    Parameters
    ----------
    a : tensor_like, shape (..., m, n)
    b : tensor_like, shape (..., m) or (..., m, k)
    rcond : float, optional
        Singular values of `a` up to this, relative to the largest, count as 0. By default the larger size of `a` times
        the dtype's precision.

    Returns
    -------
    tensor, shape (..., n) or (..., n, k)

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> ops.round(lstsq([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [1.0, 3.0, 5.0]), 4).tolist()
    [1.0, 2.0]
    """
    _lstsq_shape(a, b, rcond)
    cutoff = larger_size(a) * precision(dtype_of(a)) if rcond is None else rcond
    inverse = ops.pinv(a, cutoff)
    if len(shape_of(b)) == len(shape_of(a)):
        return ops.matmul(inverse, b)
    return ops.squeeze(ops.matmul(inverse, ops.expand_dims(b, -1)), -1)


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
    cutoff: Any = tol
    if tol is None:
        cutoff = ops.multiply(ops.max(s, axis=-1, keepdims=True, initial=0.0), larger_size(x) * precision(dtype_of(x)))
    return ops.sum(ops.cast(ops.greater(s, cutoff), "int32"), axis=-1)
