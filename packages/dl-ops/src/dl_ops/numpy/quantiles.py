"""Quantiles over axes: order statistics, and what lies between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from dl_ops import ops
from dl_ops.core.tensors import cast, ndim
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import WEAK_FLOAT, promote
from dl_ops.numpy.arithmetic import subtract
from dl_ops.numpy.rounding import ceil, floor, round
from dl_ops.op import op
from dl_ops.rules import DtypeRule, floating, kept, product, reduced, standardize_axes
from dl_ops.typing import Axis, Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]

_ROUNDED: Final[dict[str, Callable[[Any], Any]]] = {
    "higher": ceil,
    "lower": floor,
    "nearest": round,
}
_WEIGHTED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "linear": lambda position, below: subtract(position, below),
    # of a position on an element, that element
    "midpoint": lambda position, below: ops.where(ops.equal(position, below), 0.0, 0.5),
}


def _quantiles(
    x: KerasTensor, q: KerasTensor, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Shape:
    if method not in _ROUNDED and method not in _WEIGHTED:
        raise ValueError(f"method={method!r}: expected one of {', '.join(sorted({*_ROUNDED, *_WEIGHTED}))}")
    return (*q.shape, *reduced(x, axis, keepdims))


# the numbers in `q` keep their precision where `x` has little
_like_first: Final = DtypeRule(kept.common, lambda dtype, arguments: promote(dtype, WEAK_FLOAT))


@op(shape=_quantiles, dtype=_like_first)
def quantile(x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """Quantiles over axes: what a given part of the elements lies below; NaN where there is one.

    Parameters
    ----------
    x : tensor_like
        Integers are promoted to the default float.
    q : tensor_like, shape (...)
        Parts, from 0 to 1; what lies outside counts as the nearer of the two.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    method : {"linear", "lower", "higher", "midpoint", "nearest"}
        What to take for a position between two elements in order: their weighted mean, one of them, their mean, or the
        nearer one. Half-way that is the one with the even index.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `q`, followed by that of `x` without the reduced axes; NaN if there are no elements.

    Raises
    ------
    ValueError
        If an axis is out of range or `method` not one of those.

    References
    ----------
    Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996; "linear" is their definition 7.

    Examples
    --------
    >>> quantile([1, 2, 3, 4], [0.0, 0.25, 0.5]).tolist()
    [1.0, 1.75, 2.5]
    """
    return _in_order(x, q, axis, method, keepdims, skip=False)


@op(shape=_quantiles, dtype=_like_first)
def nanquantile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Quantiles over axes of the elements that are not NaN.

    Parameters
    ----------
    x : tensor_like
        Integers are promoted to the default float.
    q : tensor_like, shape (...)
        Parts, from 0 to 1; what lies outside counts as the nearer of the two.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    method : {"linear", "lower", "higher", "midpoint", "nearest"}
        As for `quantile`.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `q`, followed by that of `x` without the reduced axes; NaN if all elements are.

    Raises
    ------
    ValueError
        If an axis is out of range or `method` not one of those.

    Examples
    --------
    >>> nanquantile([1.0, float("nan"), 3.0], 0.25).tolist()
    1.5
    """
    return _in_order(x, q, axis, method, keepdims, skip=True)


def _in_order(x: Any, q: Any, axis: Axis, method: str, keepdims: bool, *, skip: bool) -> Tensor:
    """Quantiles of all elements, or of those that are not NaN if they are to be skipped."""
    dtype = promote(dtype_of(x), WEAK_FLOAT)
    precision = promote(dtype, "float32")
    columns, axes = _columns(cast(x, precision), axis)
    count = shape_of(columns)[-1]
    if count == 0:
        columns, count = ops.add(ops.sum(columns, -1, keepdims=True), float("nan")), 1
    unordered = ops.isnan(columns)
    skipped = ops.sum(unordered, -1, keepdims=True)
    # a size that is not known is counted; each column has its own number then
    number: Any = ops.sum(ops.ones_like(columns, "int32"), -1, keepdims=True) if count is None else count
    valid = ops.subtract(number, skipped) if skip else number
    several = ndim(q) != 0
    parts = ops.clip(ops.reshape(cast(q, precision), (-1,)), 0.0, 1.0)
    last = ops.subtract(cast(valid, precision), 1.0) if skip or count is None else float(valid - 1)
    position = ops.multiply(parts, last)
    # frameworks put NaN in different places
    ordered = ops.sort(ops.where(unordered, float("inf"), columns))
    found = _at(ordered, position, method)
    missing = ops.equal(valid, 0) if skip else ops.greater(skipped, 0)
    y: Any = cast(ops.where(missing, float("nan"), found), dtype)
    y = ops.moveaxis(y, -1, 0) if several else y[..., 0]
    if ndim(q) > 1:
        y = ops.reshape(y, (*shape_of(q), *shape_of(y)[1:]))
    result: Tensor = ops.expand_dims(y, tuple(ndim(q) + i for i in axes)) if keepdims and axes else y
    return result


def _columns(x: Any, axis: Axis) -> tuple[Any, tuple[int, ...]]:
    """`x` with the axes to reduce as its last one, and those axes."""
    sizes = shape_of(x)
    axes = standardize_axes(axis, len(sizes))
    if len(axes) == 1:
        return ops.moveaxis(x, axes[0], -1), axes
    others = tuple(i for i in range(len(sizes)) if i not in axes)
    shape = (*(sizes[i] for i in others), product([sizes[i] for i in axes]))
    return ops.reshape(ops.transpose(x, others + axes), shape), axes


def _at(ordered: Any, position: Any, method: str) -> Any:
    """What stands at positions along the last axis, or between them."""
    if method in _ROUNDED:
        return _take(ordered, _ROUNDED[method](position))
    below = ops.stop_gradient(ops.floor(position))
    weight = _WEIGHTED[method](position, below)
    low, high = _take(ordered, below), _take(ordered, ops.ceil(position))
    mean = ops.add(ops.multiply(low, ops.subtract(1.0, weight)), ops.multiply(high, weight))
    # an infinity by a weight of nothing is NaN
    return ops.where(ops.equal(weight, 0.0), low, mean)


def _take(ordered: Any, position: Any) -> Any:
    index = ops.maximum(cast(position, "int32"), 0)
    return ops.take(ordered, index, -1) if ndim(index) == 1 else ops.take_along_axis(ordered, index, -1)


@op(shape=_quantiles, dtype=_like_first)
def percentile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Percentiles over axes: `quantile` with parts of a hundred.

    Parameters
    ----------
    x : tensor_like
        Integers are promoted to the default float.
    q : tensor_like, shape (...)
        Percentages, from 0 to 100; what lies outside counts as the nearer of the two.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    method : {"linear", "lower", "higher", "midpoint", "nearest"}
        As for `quantile`.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `q`, followed by that of `x` without the reduced axes.

    Raises
    ------
    ValueError
        If an axis is out of range or `method` not one of those.

    Examples
    --------
    >>> percentile([1, 2, 3, 4], [0, 25, 50]).tolist()
    [1.0, 1.75, 2.5]
    """
    return quantile(x, _hundredths(q), axis, method, keepdims)


def _hundredths(q: TensorLike) -> Tensor:
    # in narrow dtypes they would be other places
    return ops.divide(ops.cast(q, promote(dtype_of(q), "float32")), 100)


@op(shape=_quantiles, dtype=_like_first)
def nanpercentile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Percentiles over axes of the elements that are not NaN: `nanquantile` with parts of a hundred.

    Parameters
    ----------
    x : tensor_like
        Integers are promoted to the default float.
    q : tensor_like, shape (...)
        Percentages, from 0 to 100; what lies outside counts as the nearer of the two.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    method : {"linear", "lower", "higher", "midpoint", "nearest"}
        As for `quantile`.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `q`, followed by that of `x` without the reduced axes; NaN if all elements are.

    Raises
    ------
    ValueError
        If an axis is out of range or `method` not one of those.

    Examples
    --------
    >>> nanpercentile([1.0, float("nan"), 3.0], 25).tolist()
    1.5
    """
    return nanquantile(x, _hundredths(q), axis, method, keepdims)


@op(shape=reduced, dtype=floating)
def median(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Median over axes: the middle element in order, or the mean of the middle two; NaN where there is one.

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
        Of the shape of `x` without the reduced axes; NaN if there are no elements.

    Examples
    --------
    >>> median([3.0, 1.0, 2.0, 9.0]).tolist()
    2.5
    """
    return quantile(x, 0.5, axis, "midpoint", keepdims)


@op(shape=reduced, dtype=floating)
def nanmedian(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Median over axes of the elements that are not NaN.

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
        Of the shape of `x` without the reduced axes; NaN if all elements are.

    Examples
    --------
    >>> nanmedian([3.0, float("nan"), 2.0]).tolist()
    2.5
    """
    return nanquantile(x, 0.5, axis, "midpoint", keepdims)
