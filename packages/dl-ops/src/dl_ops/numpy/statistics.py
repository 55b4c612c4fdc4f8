"""Means and variances over axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import cast, ndim
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import shape as shape_of
from dl_ops.numpy.reductions import extreme
from dl_ops.op import op
from dl_ops.rules import (
    floating,
    numeric,
    product,
    reduced,
    standardize_axes,
)
from dl_ops.typing import Axis, Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = [
    "average",
    "mean",
    "ptp",
    "std",
    "var",
]


_HALVES = ("float16", "bfloat16")


@op(shape=reduced, dtype=floating)
def mean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Arithmetic mean over axes.

    Parameters
    ----------
    x : tensor_like
        Integers are promoted to the default float.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes.

    Examples
    --------
    >>> mean([[1, 2], [3, 4]], axis=0).tolist()
    [2.0, 3.0]
    """
    dtype = dtype_of(x)
    total = ops.sum(cast(x, "float32") if dtype in _HALVES else x, axis, keepdims)
    # divided before going back to a narrow dtype, in which the sum may overflow
    return cast(ops.divide(total, _count(x, axis, keepdims)), dtype)


def _count(x: TensorLike, axis: Axis, keepdims: bool) -> Any:
    """Number of elements that a reduction takes together, a tensor where sizes are not known."""
    sizes = shape_of(x)
    number = product([sizes[i] for i in standardize_axes(axis, len(sizes))])
    return cast(ops.sum(ops.ones_like(x, "int32"), axis, keepdims), dtype_of(x)) if number is None else float(number)


@op(shape=reduced, dtype=floating)
def var(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Variance over axes, of the population: the mean squared distance from the mean.

    Parameters
    ----------
    x : tensor_like
        Integers are promoted to the default float.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes, not negative.

    Examples
    --------
    >>> var([1.0, 2.0, 3.0, 4.0]).tolist()
    1.25
    """
    dtype = dtype_of(x)
    values = cast(x, "float32") if dtype in _HALVES else x
    deviation = ops.absolute(ops.subtract(values, mean(values, axis, keepdims=True)))
    return cast(mean(ops.square(deviation), axis, keepdims), dtype)


@op(shape=reduced, dtype=floating)
def std(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Standard deviation over axes: the square root of `var`.

    Parameters
    ----------
    x : tensor_like
        Integers are promoted to the default float.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes, not negative.

    Examples
    --------
    >>> std([1.0, 3.0]).tolist()
    1.0
    """
    return ops.sqrt(var(x, axis, keepdims))


@op(shape=extreme, dtype=numeric)
def ptp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Distance from the smallest to the largest element over axes; NaN where there is one.

    Parameters
    ----------
    x : tensor_like
        Booleans become int32.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> ptp([[1, 4], [9, 2]], axis=1).tolist()
    [3, 7]
    """
    return ops.subtract(ops.max(x, axis, keepdims), ops.min(x, axis, keepdims))


def _averaged(x: KerasTensor, axis: Axis = None, weights: KerasTensor | None = None) -> Shape:
    if weights is not None and weights.shape != x.shape:
        axes = standardize_axes(axis, len(x.shape))
        if axis is None or len(axes) != 1 or len(weights.shape) != 1:
            raise ValueError(
                f"weights must have the shape of x, {x.shape}, or be 1-D along one axis; got {weights.shape}"
            )
        if None not in (sizes := (weights.shape[0], x.shape[axes[0]])) and sizes[0] != sizes[1]:
            raise ValueError(f"{sizes[0]} weights do not fit {sizes[1]} elements along axis {axis}")
    return reduced(x, axis)


@op(shape=_averaged, dtype=floating)
def average(x: TensorLike, axis: Axis = None, weights: TensorLike | None = None) -> Tensor:
    """Weighted mean over axes.

    Parameters
    ----------
    x : tensor_like
        Integers are promoted to the default float.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    weights : tensor_like, optional
        Of the shape of `x`, or 1-D along a single axis. All alike by default.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If the shape of `weights` does not fit.

    Examples
    --------
    >>> average([1.0, 3.0], weights=[3, 1]).tolist()
    1.5
    """
    if weights is None:
        return mean(x, axis)
    if ndim(weights) != ndim(x):
        (along,) = standardize_axes(axis, ndim(x))
        weights = ops.reshape(weights, tuple(-1 if i == along else 1 for i in range(ndim(x))))
        weights = ops.multiply(weights, ops.ones_like(x))
    return ops.divide(ops.sum(ops.multiply(x, weights), axis), ops.sum(weights, axis))
