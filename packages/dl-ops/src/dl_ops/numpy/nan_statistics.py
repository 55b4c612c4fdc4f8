"""Means and variances over axes that leave NaN out."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.core.tensors import cast
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import promote
from dl_ops.op import op
from dl_ops.rules import floating, reduced
from dl_ops.typing import Axis, Tensor, TensorLike

__all__ = ["nanmean", "nanstd", "nanvar"]


def _mean(x: Any, known: Any, axis: Axis, keepdims: bool) -> Any:
    """Mean of the elements that are known, NaN if there are none."""
    number = cast(ops.sum(known, axis, keepdims), dtype_of(x))
    return ops.divide(ops.sum(ops.where(known, x, 0), axis, keepdims), number)


@op(shape=reduced, dtype=floating)
def nanmean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Arithmetic mean over axes of the elements that are not NaN.

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
    >>> nanmean([1.0, float("nan"), 3.0]).tolist()
    2.0
    """
    dtype = dtype_of(x)
    # the sum may overflow in a narrow dtype
    wide = cast(x, promote(dtype, "float32"))
    return cast(_mean(wide, ops.logical_not(ops.isnan(wide)), axis, keepdims), dtype)


@op(shape=reduced, dtype=floating)
def nanvar(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Variance over axes, of the population, of the elements that are not NaN.

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
        Of the shape of `x` without the reduced axes, not negative; NaN if all elements are.

    Examples
    --------
    >>> nanvar([1.0, float("nan"), 3.0]).tolist()
    1.0
    """
    dtype = dtype_of(x)
    wide = cast(x, promote(dtype, "float32"))
    known = ops.logical_not(ops.isnan(wide))
    deviation = ops.where(known, ops.subtract(wide, _mean(wide, known, axis, True)), 0)
    return cast(_mean(ops.square(deviation), known, axis, keepdims), dtype)


@op(shape=reduced, dtype=floating)
def nanstd(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Standard deviation over axes of the elements that are not NaN: the square root of `nanvar`.

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
        Of the shape of `x` without the reduced axes, not negative; NaN if all elements are.

    Examples
    --------
    >>> nanstd([1.0, float("nan"), 3.0]).tolist()
    1.0
    """
    return ops.sqrt(nanvar(x, axis, keepdims))
