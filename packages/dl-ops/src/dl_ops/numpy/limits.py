"""Bounds on values, element-wise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import finite_range, is_float
from dl_ops.numpy.comparison import greater, less
from dl_ops.numpy.logic import isinf, isnan, logical_and
from dl_ops.numpy.selection import where
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast, broadcast_shapes, kept, numeric_first, promoted, real_promoted, same
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = [
    "clip",
    "fmax",
    "fmin",
    "maximum",
    "minimum",
    "nan_to_num",
]


@op(shape=broadcast, dtype=promoted)
def maximum(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise larger of two tensors; NaN where either is.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> maximum([1, 5], 3).tolist()
    [3, 5]
    """
    raise primitive()


@op(shape=broadcast, dtype=promoted)
def minimum(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise smaller of two tensors; NaN where either is.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> minimum([1, 5], 3).tolist()
    [1, 3]
    """
    raise primitive()


def _clipped(x: KerasTensor, x_min: KerasTensor, x_max: KerasTensor) -> Shape:
    return broadcast_shapes(x.shape, x_min.shape, x_max.shape)


@op(shape=_clipped, dtype=numeric_first)
def clip(x: TensorLike, x_min: TensorLike, x_max: TensorLike) -> Tensor:
    """Element-wise `x`, limited to the interval from `x_min` to `x_max`.

    Parameters
    ----------
    x : tensor_like
        Booleans become int32.
    x_min, x_max : tensor_like
        Bounds, of shapes that broadcast with `x`; cast to the dtype of `x`. Where `x_min` is above `x_max`, the
        result is `x_max`.

    Returns
    -------
    tensor
        Of the broadcast shape and the dtype of `x`.

    Examples
    --------
    >>> clip([-1.0, 0.5, 3.0], 0, 1).tolist()
    [0.0, 0.5, 1.0]
    """
    return minimum(maximum(x, x_min), x_max)


@op(shape=same, dtype=kept)
def nan_to_num(x: TensorLike, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """Element-wise `x` with NaN and infinities replaced by numbers.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Of integers it is returned as it is.
    nan : float, default 0
        What replaces NaN.
    posinf, neginf : float, optional
        What replaces the infinities; by default the largest and the smallest finite number of the dtype.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> nan_to_num([float("nan"), float("inf"), 2.0], posinf=9.0).tolist()
    [0.0, 9.0, 2.0]
    """
    dtype = dtype_of(x)
    if not is_float(dtype):
        return x  # type: ignore[return-value]  # dispatch has made it a tensor
    smallest, largest = finite_range(dtype)
    highest = largest if posinf is None else posinf
    lowest = smallest if neginf is None else neginf
    infinite = isinf(x)
    y = where(logical_and(infinite, greater(x, 0)), highest, where(logical_and(infinite, less(x, 0)), lowest, x))
    cleaned: Tensor = where(isnan(x), nan, y)
    return cleaned


@op(shape=broadcast, dtype=real_promoted)
def fmax(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise larger of two tensors; the other one where one is NaN.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype. NaN where both are.

    Examples
    --------
    >>> fmax([1.0, float("nan")], [2.0, 3.0]).tolist()
    [2.0, 3.0]
    """
    return where(isnan(x1), x2, where(isnan(x2), x1, maximum(x1, x2)))  # type: ignore[no-any-return]


@op(shape=broadcast, dtype=real_promoted)
def fmin(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise smaller of two tensors; the other one where one is NaN.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype. NaN where both are.

    Examples
    --------
    >>> fmin([1.0, float("nan")], [2.0, 3.0]).tolist()
    [1.0, 3.0]
    """
    return where(isnan(x1), x2, where(isnan(x2), x1, minimum(x1, x2)))  # type: ignore[no-any-return]
