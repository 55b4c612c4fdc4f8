"""Reductions and scans over axes that leave NaN out."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.core.tensors import cast
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import is_float
from dl_ops.numpy.cumulative import cumulated
from dl_ops.numpy.reductions import extreme
from dl_ops.op import op
from dl_ops.rules import accumulated, counted, kept, numeric_or_requested, reduced
from dl_ops.typing import Axis, DTypeLike, Tensor, TensorLike

__all__ = [
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmin",
    "nanprod",
    "nansum",
]


def _filled(x: Any, number: float) -> Any:
    """`x` with a number in the place of NaN."""
    return ops.where(ops.isnan(x), number, x) if is_float(dtype_of(x)) else x


@op(shape=reduced, dtype=accumulated)
def nansum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Sum over axes of the elements that are not NaN.

    Parameters
    ----------
    x : tensor_like
        Booleans and integers of less than 32 bits are widened to 32.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes; 0 if all elements are NaN.

    Examples
    --------
    >>> nansum([1.0, float("nan"), 3.0]).tolist()
    4.0
    """
    return ops.sum(_filled(x, 0), axis, keepdims)


@op(shape=reduced, dtype=accumulated)
def nanprod(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Product over axes of the elements that are not NaN.

    Parameters
    ----------
    x : tensor_like
        Booleans and integers of less than 32 bits are widened to 32.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes; 1 if all elements are NaN.

    Examples
    --------
    >>> nanprod([2.0, float("nan"), 3.0]).tolist()
    6.0
    """
    return ops.prod(_filled(x, 1), axis, keepdims)


@op(shape=extreme, dtype=kept)
def nanmax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Largest element over axes of those that are not NaN.

    Parameters
    ----------
    x : tensor_like
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes; NaN if all elements are.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> nanmax([1.0, float("nan"), 3.0]).tolist()
    3.0
    """
    return _nan_if_all_are(ops.max(_filled(x, float("-inf")), axis, keepdims), x, axis, keepdims)


@op(shape=extreme, dtype=kept)
def nanmin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Smallest element over axes of those that are not NaN.

    Parameters
    ----------
    x : tensor_like
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes; NaN if all elements are.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> nanmin([1.0, float("nan"), 3.0]).tolist()
    1.0
    """
    return _nan_if_all_are(ops.min(_filled(x, float("inf")), axis, keepdims), x, axis, keepdims)


def _nan_if_all_are(y: Tensor, x: Any, axis: Axis, keepdims: bool) -> Tensor:
    return ops.where(ops.all(ops.isnan(x), axis, keepdims), float("nan"), y) if is_float(dtype_of(x)) else y


@op(shape=extreme, dtype=counted)
def nanargmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index along an axis of the largest element that is not NaN; of the first of several.

    Parameters
    ----------
    x : tensor_like
    axis : int, optional
        By default the index is into the flattened tensor.
    keepdims : bool, default False
        Whether the reduced axes stay, with size 1.

    Returns
    -------
    tensor of int32
        -1 if all elements are NaN.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> nanargmax([1.0, float("nan"), 3.0]).tolist()
    2
    """
    return (
        _position(x, nanmax(x, axis, True), axis, keepdims) if is_float(dtype_of(x)) else ops.argmax(x, axis, keepdims)
    )


@op(shape=extreme, dtype=counted)
def nanargmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index along an axis of the smallest element that is not NaN; of the first of several.

    Parameters
    ----------
    x : tensor_like
    axis : int, optional
        By default the index is into the flattened tensor.
    keepdims : bool, default False
        Whether the reduced axes stay, with size 1.

    Returns
    -------
    tensor of int32
        -1 if all elements are NaN.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> nanargmin([float("nan"), 2.0, 1.0]).tolist()
    2
    """
    return (
        _position(x, nanmin(x, axis, True), axis, keepdims) if is_float(dtype_of(x)) else ops.argmin(x, axis, keepdims)
    )


def _position(x: Any, best: Any, axis: int | None, keepdims: bool) -> Any:
    """Index of the first element that equals the best one, of which NaN is none; -1 without one."""
    found = cast(ops.equal(x, best), "int32")
    return ops.where(ops.any(found, axis, keepdims), ops.argmax(found, axis, keepdims), -1)


@op(shape=cumulated, dtype=numeric_or_requested)
def nancumsum(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Cumulative sum along an axis in which NaN counts as 0.

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
    >>> nancumsum([1.0, float("nan"), 3.0]).tolist()
    [1.0, 1.0, 4.0]
    """
    return ops.cumsum(_filled(x, 0), axis, dtype)


@op(shape=cumulated, dtype=numeric_or_requested)
def nancumprod(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Cumulative product along an axis in which NaN counts as 1.

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
    >>> nancumprod([2.0, float("nan"), 3.0]).tolist()
    [2.0, 2.0, 6.0]
    """
    return ops.cumprod(_filled(x, 1), axis, dtype)
