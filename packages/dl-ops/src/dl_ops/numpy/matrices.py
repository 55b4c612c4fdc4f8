"""Identity matrices and triangles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.dtypes import standardize_dtype
from dl_ops.op import op
from dl_ops.rules import kept, requested
from dl_ops.typing import DTypeLike, Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = [
    "eye",
    "identity",
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


def _square(n: int, dtype: DTypeLike | None = None) -> Shape:
    if not hasattr(n, "__index__") or n < 0:
        raise ValueError(f"n={n!r}: expected an integer that is not negative")
    return (int(n), int(n))


@op(shape=_square, dtype=requested)
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
