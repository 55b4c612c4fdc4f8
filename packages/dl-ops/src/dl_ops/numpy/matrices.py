"""Identity matrices, triangles and diagonals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import standardize_dtype
from dl_ops.op import op
from dl_ops.rules import accumulated, kept, requested, standardize_axes
from dl_ops.typing import DTypeLike, Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor
import numpy as np

__all__ = [
    "diag",
    "diagonal",
    "eye",
    "identity",
    "trace",
    "tri",
    "tril",
    "triu",
]


def _matrix(N: int, M: int | None = None, *options: Any, **more: Any) -> Shape:
    for name, size in (("N", N), ("M", M)):
        if not (name == "M" and size is None) and (not isinstance(size, (int, np.integer)) or size < 0):
            raise ValueError(f"{name}={size!r}: expected an integer that is not negative")
    return (int(N), int(N if M is None else M))


@op(shape=_matrix, dtype=requested)
def eye(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> Tensor:
    """Matrix with ones on a diagonal and zeros elsewhere.

    Parameters
    ----------
    N : int
        Number of rows.
    M : int, optional
        Number of columns, by default `N`.
    k : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape (N, M)

    Examples
    --------
    >>> eye(2, 3, k=1).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    rows, columns = _matrix(N, M)
    return ops.cast(ops.equal(_offset_rows(rows, k), ops.arange(columns)), standardize_dtype(dtype))


def _offset_rows(rows: Any, k: int) -> Tensor:
    return ops.reshape(ops.arange(k, rows + k), (rows, 1))


@op(shape=lambda n, *options: _matrix(n), dtype=requested)
def identity(n: int, dtype: DTypeLike | None = None) -> Tensor:
    """Square matrix with ones on the main diagonal and zeros elsewhere.

    Parameters
    ----------
    n : int
        Number of rows and columns.
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape (n, n)

    Examples
    --------
    >>> identity(2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return eye(n, dtype=dtype)


@op(shape=_matrix, dtype=requested)
def tri(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> Tensor:
    """Matrix with ones on and below a diagonal and zeros above it.

    Parameters
    ----------
    N : int
        Number of rows.
    M : int, optional
        Number of columns, by default `N`.
    k : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape (N, M)

    Examples
    --------
    >>> tri(2, 3).tolist()
    [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    """
    rows, columns = _matrix(N, M)
    return ops.cast(ops.greater_equal(_offset_rows(rows, k), ops.arange(columns)), standardize_dtype(dtype))


def _matrices(x: KerasTensor, k: int = 0) -> Shape:
    if len(x.shape) < 2:
        raise ValueError(f"x must have at least two dimensions, got shape {x.shape}")
    return x.shape


@op(shape=_matrices, dtype=kept)
def tril(x: TensorLike, k: int = 0) -> Tensor:
    """Lower triangle of the last two dimensions, with zeros above the diagonal.

    Parameters
    ----------
    x : tensor_like, shape (..., m, n)
    k : int, default 0
        Highest diagonal to keep: 0 for the main one, positive above it, negative below.

    Returns
    -------
    tensor, shape (..., m, n)

    Raises
    ------
    ValueError
        If `x` has less than two dimensions.

    Examples
    --------
    >>> tril([[1, 2], [3, 4]]).tolist()
    [[1, 0], [3, 4]]
    """
    mask = tri(known_size(x, -2), known_size(x, -1), k, "bool")
    lower: Tensor = ops.where(mask, x, ops.zeros((), dtype_of(x)))
    return lower


@op(shape=_matrices, dtype=kept)
def triu(x: TensorLike, k: int = 0) -> Tensor:
    """Upper triangle of the last two dimensions, with zeros below the diagonal.

    Parameters
    ----------
    x : tensor_like, shape (..., m, n)
    k : int, default 0
        Lowest diagonal to keep: 0 for the main one, positive above it, negative below.

    Returns
    -------
    tensor, shape (..., m, n)

    Raises
    ------
    ValueError
        If `x` has less than two dimensions.

    Examples
    --------
    >>> triu([[1, 2], [3, 4]]).tolist()
    [[1, 2], [0, 4]]
    """
    mask = tri(known_size(x, -2), known_size(x, -1), k - 1, "bool")
    upper: Tensor = ops.where(mask, ops.zeros((), dtype_of(x)), x)
    return upper


def _diagonal_length(rows: int | None, columns: int | None, offset: int) -> int | None:
    if rows is None or columns is None:
        return None
    return max(0, min(rows + min(offset, 0), columns - max(offset, 0)))


def _diagonal(x: KerasTensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Shape:
    if len(x.shape) < 2:
        raise ValueError(f"x must have at least two dimensions, got shape {x.shape}")
    i, j = standardize_axes((axis1, axis2), len(x.shape))
    rest = tuple(size for axis, size in enumerate(x.shape) if axis not in (i, j))
    return (*rest, _diagonal_length(x.shape[i], x.shape[j], offset))


@op(shape=_diagonal, dtype=kept)
def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Diagonals of the matrices in two axes.

    Parameters
    ----------
    x : tensor_like
        Of at least two dimensions.
    offset : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.
    axis1, axis2 : int
        Rows and columns of the matrices.

    Returns
    -------
    tensor
        Without those axes, and with the diagonals in the last one.

    Raises
    ------
    ValueError
        If the axes are not two different ones of `x`.

    Examples
    --------
    >>> diagonal([[1, 2], [3, 4]]).tolist(), diagonal([[1, 2], [3, 4]], 1).tolist()
    ([1, 4], [2])
    """
    matrices = ops.moveaxis(x, (axis1, axis2), (-2, -1))
    rows, columns = known_size(matrices, -2), known_size(matrices, -1)
    first = -min(offset, 0) * columns + max(offset, 0)
    indices = first + (columns + 1) * np.arange(_diagonal_length(rows, columns, offset) or 0, dtype="int32")
    return ops.take(ops.reshape(matrices, (*shape_of(matrices)[:-2], rows * columns)), indices, axis=-1)


def _diag(x: KerasTensor, k: int = 0) -> Shape:
    if len(x.shape) not in (1, 2):
        raise ValueError(f"x must have one or two dimensions, got shape {x.shape}")
    if len(x.shape) == 2:
        return _diagonal(x, k)
    size = None if x.shape[0] is None else x.shape[0] + abs(k)
    return (size, size)


@op(shape=_diag, dtype=kept)
def diag(x: TensorLike, k: int = 0) -> Tensor:
    """Matrix with a given diagonal and zeros elsewhere, or the diagonal of a given matrix.

    Parameters
    ----------
    x : tensor_like, shape (n,) or (m, n)
        The diagonal, or the matrix.
    k : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.

    Returns
    -------
    tensor, shape (n + abs(k), n + abs(k)), or that of the diagonal

    Raises
    ------
    ValueError
        If `x` has neither one dimension nor two.

    Examples
    --------
    >>> diag([1, 2]).tolist(), diag([[1, 2], [3, 4]]).tolist()
    ([[1, 0], [0, 2]], [1, 4])
    """
    if ops.ndim(x) == 2:
        return diagonal(x, k)
    if ops.ndim(x) != 1:
        raise ValueError(f"diag(): x must have one or two dimensions, got shape {shape_of(x)}")
    values = ops.reshape(ops.pad(x, (0, abs(k))), (-1, 1) if k >= 0 else (1, -1))
    mask = ops.eye(known_size(x, 0) + abs(k), k=k, dtype="bool")
    matrix: Tensor = ops.where(mask, values, ops.zeros((), dtype_of(x)))
    return matrix


@op(shape=lambda x, *options: _diagonal(x, *options)[:-1], dtype=accumulated)
def trace(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Sum of the diagonal of the matrices in two axes.

    Parameters
    ----------
    x : tensor_like
        Of at least two dimensions; booleans and integers of less than 32 bits are widened to 32.
    offset : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.
    axis1, axis2 : int
        Rows and columns of the matrices.

    Returns
    -------
    tensor
        Without those axes.

    Examples
    --------
    >>> int(trace([[1, 2], [3, 4]]))
    5
    """
    return ops.sum(diagonal(x, offset, axis1, axis2), axis=-1)
