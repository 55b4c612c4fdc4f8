"""Sums, products, extremes and counts over axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dl_ops import ops
from dl_ops.core.tensors import cast
from dl_ops.op import op, primitive
from dl_ops.rules import (
    accumulated,
    accumulated_or_requested,
    counted,
    kept,
    logical,
    reduced,
    standardize_axes,
)
from dl_ops.typing import Axis, ConditionLike, DTypeLike, Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "max",
    "min",
    "prod",
    "sum",
]


def extreme(x: KerasTensor, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Shape:
    """The shape of a reduction that wants an element at least."""
    if initial is None and 0 in [x.shape[i] for i in standardize_axes(axis, len(x.shape))]:
        raise ValueError(f"x has shape {x.shape}, and nothing to choose from along axis {axis}")
    return reduced(x, axis, keepdims)


@op(shape=reduced, dtype=accumulated)
def sum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Sum over axes.

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
        Of the shape of `x` without the reduced axes.

    Examples
    --------
    >>> sum([[1, 2], [3, 4]], axis=0).tolist()
    [4, 6]
    """
    raise primitive()


@op(shape=reduced, dtype=accumulated_or_requested)
def prod(x: TensorLike, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike | None = None) -> Tensor:
    """Product over axes.

    Parameters
    ----------
    x : tensor_like
        Booleans and integers of less than 32 bits are widened to 32.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.
    dtype : str, optional
        Of the result; by default the widened one of `x`.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes.

    Examples
    --------
    >>> prod([[1, 2], [3, 4]], axis=0).tolist()
    [3, 8]
    """
    raise primitive()


@op(shape=extreme, dtype=kept)
def max(x: TensorLike, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Tensor:
    """Largest element over axes; NaN where there is one.

    Parameters
    ----------
    x : tensor_like
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.
    initial : float, optional
        Regard also this number; needed for the result of no elements at all.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes.

    Raises
    ------
    ValueError
        If there are no elements along the axes, and `initial` is not given.

    Examples
    --------
    >>> max([[1, 2], [3, 4]], axis=0).tolist()
    [3, 4]
    """
    raise primitive()


@op(shape=extreme, dtype=kept)
def min(x: TensorLike, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Tensor:
    """Smallest element over axes; NaN where there is one.

    Parameters
    ----------
    x : tensor_like
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.
    initial : float, optional
        Regard also this number; needed for the result of no elements at all.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes.

    Raises
    ------
    ValueError
        If there are no elements along the axes, and `initial` is not given.

    Examples
    --------
    >>> min([[1, 2], [3, 4]], axis=0).tolist()
    [1, 2]
    """
    raise primitive()


@op(shape=extreme, dtype=kept)
def amax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Largest element over axes; another name for `max`.

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
        Of the shape of `x` without the reduced axes.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> amax([[1, 2], [3, 4]], axis=0).tolist()
    [3, 4]
    """
    return max(x, axis, keepdims)


@op(shape=extreme, dtype=kept)
def amin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Smallest element over axes; another name for `min`.

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
        Of the shape of `x` without the reduced axes.

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> amin([[1, 2], [3, 4]], axis=0).tolist()
    [1, 2]
    """
    return min(x, axis, keepdims)


@op(shape=reduced, dtype=logical)
def any(x: ConditionLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether any element is true, over axes.

    Parameters
    ----------
    x : tensor_like
        Whatever is not zero is true.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes, boolean.

    Examples
    --------
    >>> any([[True, False], [False, False]], axis=1).tolist()
    [True, False]
    """
    return ops.greater(sum(cast(x, "int32"), axis, keepdims), 0)


@op(shape=reduced, dtype=logical)
def all(x: ConditionLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements are true, over axes.

    Parameters
    ----------
    x : tensor_like
        Whatever is not zero is true.
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.
    keepdims : bool, default False
        Whether reduced axes stay, with size 1.

    Returns
    -------
    tensor
        Of the shape of `x` without the reduced axes, boolean.

    Examples
    --------
    >>> all([[True, False], [True, True]], axis=1).tolist()
    [False, True]
    """
    return ops.logical_not(any(ops.logical_not(x), axis, keepdims))


@op(shape=extreme, dtype=counted)
def argmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index of the largest element along an axis; of the first of several.

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

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> argmax([[1, 5, 5], [7, 2, 2]], axis=1).tolist()
    [1, 0]
    """
    raise primitive()


@op(shape=extreme, dtype=counted)
def argmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index of the smallest element along an axis; of the first of several.

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

    Raises
    ------
    ValueError
        If there are no elements along the axes.

    Examples
    --------
    >>> argmin([[1, 5, 5], [7, 2, 2]], axis=1).tolist()
    [0, 1]
    """
    raise primitive()


@op(shape=reduced, dtype=counted)
def count_nonzero(x: TensorLike, axis: Axis = None) -> Tensor:
    """Number of elements that are not zero, over axes.

    Parameters
    ----------
    x : tensor_like
    axis : int or sequence of int, optional
        Axes to reduce; by default all of them.

    Returns
    -------
    tensor of int32

    Examples
    --------
    >>> count_nonzero([[0, 1], [2, 3]], axis=1).tolist()
    [1, 2]
    """
    return sum(cast(cast(x, "bool"), "int32"), axis)
