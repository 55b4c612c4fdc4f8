"""Cumulative sums and products."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import (
    numeric_or_requested,
    product,
    standardize_axis,
)
from dl_ops.typing import DTypeLike, Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = [
    "cumprod",
    "cumsum",
]


def cumulated(x: KerasTensor, axis: int | None = None, dtype: DTypeLike | None = None) -> Shape:
    if axis is None:
        return (product(x.shape),)
    standardize_axis(axis, len(x.shape))
    return x.shape


def _accumulated(function: Callable[..., Any], x: TensorLike, axis: int | None, dtype: DTypeLike | None) -> Tensor:
    """Prefixes of a tensor, put together by an associative function."""
    y = x if dtype is None else ops.cast(x, dtype)
    along = 0 if axis is None else axis
    result: Tensor = ops.associative_scan(function, ops.reshape(y, (-1,)) if axis is None else y, axis=along)
    return result


@op(shape=cumulated, dtype=numeric_or_requested)
def cumsum(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Cumulative sum along an axis.

    Parameters
    ----------
    x : tensor_like
        Booleans become int32.
    axis : int, optional
        By default `x` is flattened.
    dtype : str, optional
        Of the result; by default that of `x`.

    Returns
    -------
    tensor
        Of the shape of `x`, or flat.

    Examples
    --------
    >>> cumsum([[1, 2], [3, 4]], axis=1).tolist()
    [[1, 3], [3, 7]]
    """
    return _accumulated(ops.add, x, axis, dtype)


@op(shape=cumulated, dtype=numeric_or_requested)
def cumprod(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Cumulative product along an axis.

    Parameters
    ----------
    x : tensor_like
        Booleans become int32.
    axis : int, optional
        By default `x` is flattened.
    dtype : str, optional
        Of the result; by default that of `x`.

    Returns
    -------
    tensor
        Of the shape of `x`, or flat.

    Examples
    --------
    >>> cumprod([[1, 2], [3, 4]], axis=1).tolist()
    [[1, 2], [3, 12]]
    """
    return _accumulated(ops.multiply, x, axis, dtype)
