"""How numbers are stored: their bits, signs, exponents and neighbours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import finite_range, is_float, is_int, numpy_dtype, promote, standardize_dtype
from dl_ops.op import op, primitive
from dl_ops.rules import DtypeRule, broadcast, floating, real_floating, real_tested, requested_or_kept, same
from dl_ops.typing import DTypeLike, Shape, Tensor, TensorLike

__all__ = ["ldexp", "nextafter", "signbit", "view"]


def _viewed(x: Any, dtype: DTypeLike = None) -> Shape:
    old, new = x.dtype, x.dtype if dtype is None else standardize_dtype(dtype)
    before, after = numpy_dtype(old).itemsize, numpy_dtype(new).itemsize
    shape: Shape = x.shape
    if before == after:
        return shape
    if not shape:
        raise ValueError(f"view(dtype={new!r}): x, of {old} and without dimensions, has no axis to change the size of")
    size = shape[-1]
    if size is not None and size * before % after:
        raise ValueError(
            f"view(dtype={new!r}): the last axis of x, {size} times {old}, does not hold a whole number of {new}"
        )
    return (*shape[:-1], None if size is None else size * before // after)


@op(shape=_viewed, dtype=requested_or_kept)
def view(x: TensorLike, dtype: DTypeLike = None) -> Tensor:
    """The same bits, taken for numbers of another dtype.

    Parameters
    ----------
    x : tensor_like, shape (..., n)
    dtype : str, optional
        By default that of `x`. If its numbers are longer or shorter, there are fewer or more of them along the last
        axis.

    Returns
    -------
    tensor, shape (..., m)
        No gradient goes through it.

    Raises
    ------
    ValueError
        If the last axis does not hold a whole number of them, or there is none.

    Examples
    --------
    >>> view([1.0, -2.0], "int32").tolist()
    [1065353216, -1073741824]
    """
    raise primitive()


def _integers_of(x: TensorLike) -> Tensor:
    """Bits of floats as signed integers."""
    return view(x, f"int{8 * numpy_dtype(dtype_of(x)).itemsize}")


@op(shape=same, dtype=real_tested)
def signbit(x: TensorLike) -> Tensor:
    """Element-wise test for a minus sign, which zero and NaN can have too.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Boolean.

    Examples
    --------
    >>> signbit([-0.0, 0.0, -3.0]).tolist()
    [True, False, True]
    """
    return ops.less(_integers_of(x) if is_float(dtype_of(x)) else x, 0)


@op(shape=broadcast, dtype=real_floating)
def nextafter(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The next number that the dtype has after `x1` in the direction of `x2`, element-wise.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Integers are promoted to the default float.

    Returns
    -------
    tensor
        Of the broadcast shape; `x2` where the two are equal. It has no gradient.

    Examples
    --------
    >>> float(nextafter(1.0, 2.0) - 1.0) == 2.0**-23
    True
    """
    x1, x2 = ops.broadcast_to(x1, _common_shape(x1, x2)), ops.broadcast_to(x2, _common_shape(x1, x2))
    number = _integers_of(x1)
    # the bits without the sign are in the order of the magnitudes
    away = ops.equal(ops.greater(x2, x1), ops.greater(x1, 0))
    step = ops.where(away, ops.ones_like(number), ops.full_like(number, -1))
    after = view(ops.add(number, step), dtype_of(x1))
    smallest = view(ops.ones_like(number), dtype_of(x1))
    from_zero = ops.where(ops.greater(x2, 0), smallest, ops.negative(smallest))
    after = ops.where(ops.equal(x1, 0), from_zero, after)
    after = ops.where(ops.equal(x1, x2), x2, after)
    undefined = ops.logical_or(ops.isnan(x1), ops.isnan(x2))
    return ops.stop_gradient(ops.where(undefined, ops.full_like(after, float("nan")), after))


def _common_shape(x1: Any, x2: Any) -> Any:
    shape = broadcast(x1, x2)
    return ops.shape(ops.add(x1, x2)) if None in shape else shape


def _scaled(dtypes: Sequence[str]) -> None:
    if not (is_int(dtypes[1]) or dtypes[1] == "int"):
        raise TypeError(f"x2 must hold integers, got {dtypes[1]}")
    real_floating.common(dtypes[:1])


@op(shape=broadcast, dtype=DtypeRule(_scaled, lambda dtype, arguments: floating.common([dtype]) or dtype))
def ldexp(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise ``x1 * 2 ** x2``, also where the power alone would overflow.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast; `x2` holds integers. Integers in `x1` are promoted to the default float.

    Returns
    -------
    tensor
        Of the broadcast shape and the dtype of `x1`.

    Raises
    ------
    TypeError
        If `x2` does not hold integers.

    Examples
    --------
    >>> ldexp([0.5, 3.0], [4, -1]).tolist()
    [8.0, 1.5]
    """
    dtype = floating.common([dtype_of(x1)])
    x1 = ops.cast(x1, dtype)
    wide = promote(dtype_of(x2), "int32")
    # beyond it, every number overflows or vanishes; a quarter of it is still the exponent of a number
    most = 3 * math.ceil(math.log2(finite_range(promote(str(dtype)))[1]))
    exponent = ops.clip(ops.cast(x2, wide) if is_int(wide) else x2, -most, most)
    quarter = ops.floor_divide(exponent, 4)
    factor = ops.power(2.0, ops.cast(quarter, dtype))
    last = ops.power(2.0, ops.cast(ops.subtract(exponent, ops.multiply(quarter, 3)), dtype))
    for each in (factor, factor, factor, last):
        x1 = ops.multiply(x1, each)
    return x1
