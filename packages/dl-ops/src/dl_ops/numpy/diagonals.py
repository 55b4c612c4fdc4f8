"""Diagonals of matrices, and matrices of diagonals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op
from dl_ops.rules import accumulated, kept, product, standardize_axis
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["diag", "diagflat", "diagonal", "trace"]


def _diagonal_length(rows: int | None, columns: int | None, offset: int) -> int | None:
    if rows is None or columns is None:
        return None
    return max(0, min(rows + min(offset, 0), columns - max(offset, 0)))


def _diagonal(x: KerasTensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Shape:
    if len(x.shape) < 2:
        raise ValueError(f"x must have at least two dimensions, got shape {x.shape}")
    i = standardize_axis(axis1, len(x.shape), name="axis1")
    j = standardize_axis(axis2, len(x.shape), name="axis2")
    if i == j:
        raise ValueError(f"axis1={axis1} and axis2={axis2}: expected two different axes")
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


def _diagflat(x: KerasTensor, k: int = 0) -> Shape:
    count = product(x.shape)
    size = None if count is None else count + abs(k)
    return (size, size)


@op(shape=_diagflat, dtype=kept)
def diagflat(x: TensorLike, k: int = 0) -> Tensor:
    """Matrix with the elements of a tensor, in order, on a diagonal and zeros elsewhere.

    Parameters
    ----------
    x : tensor_like, shape (...)
        With n elements.
    k : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.

    Returns
    -------
    tensor, shape (n + abs(k), n + abs(k))

    Examples
    --------
    >>> diagflat([[1, 2]], 1).tolist()
    [[0, 1, 0], [0, 0, 2], [0, 0, 0]]
    """
    return diag(ops.ravel(x), k)


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
