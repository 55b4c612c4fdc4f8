"""Bits of integers, element-wise."""

from __future__ import annotations

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import finite_range
from dl_ops.op import op, primitive
from dl_ops.rules import bits, broadcast, integral, same
from dl_ops.typing import Tensor, TensorLike

__all__ = [
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "left_shift",
    "right_shift",
]


@op(shape=broadcast, dtype=bits)
def bitwise_and(x: TensorLike, y: TensorLike) -> Tensor:
    """Bits that are set in both `x` and `y`.

    Parameters
    ----------
    x, y : tensor_like
        Integers or booleans, of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    TypeError
        If one of them is neither.

    Examples
    --------
    >>> bitwise_and([12, 10], 6).tolist()
    [4, 2]
    """
    raise primitive()


@op(shape=broadcast, dtype=bits)
def bitwise_or(x: TensorLike, y: TensorLike) -> Tensor:
    """Bits that are set in `x` or `y` or both.

    Parameters
    ----------
    x, y : tensor_like
        Integers or booleans, of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    TypeError
        If one of them is neither.

    Examples
    --------
    >>> bitwise_or([12, 10], 6).tolist()
    [14, 14]
    """
    if dtype_of(x) == "bool":
        return ops.maximum(x, y)
    return ops.subtract(ops.add(x, y), bitwise_and(x, y))


@op(shape=broadcast, dtype=bits)
def bitwise_xor(x: TensorLike, y: TensorLike) -> Tensor:
    """Bits that are set in exactly one of `x` and `y`.

    Parameters
    ----------
    x, y : tensor_like
        Integers or booleans, of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    TypeError
        If one of them is neither.

    Examples
    --------
    >>> bitwise_xor([12, 10], 6).tolist()
    [10, 12]
    """
    if dtype_of(x) == "bool":
        return ops.not_equal(x, y)
    return ops.subtract(bitwise_or(x, y), bitwise_and(x, y))


@op(shape=same, dtype=bits)
def bitwise_not(x: TensorLike) -> Tensor:
    """The opposite of each bit.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers or booleans.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    TypeError
        If they are neither.

    Examples
    --------
    >>> bitwise_not([0, 5]).tolist(), bitwise_not([True, False]).tolist()
    ([-1, -6], [False, True])
    """
    if dtype_of(x) == "bool":
        return ops.equal(x, False)
    # in two's complement, also where it has no sign
    return ops.subtract(ops.negative(x), ops.ones_like(x))


@op(shape=same, dtype=bits)
def bitwise_invert(x: TensorLike) -> Tensor:
    """The opposite of each bit; another name for `bitwise_not`.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers or booleans.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    TypeError
        If they are neither.

    Examples
    --------
    >>> bitwise_invert([0, 5]).tolist()
    [-1, -6]
    """
    return bitwise_not(x)


@op(shape=broadcast, dtype=integral)
def bitwise_left_shift(x: TensorLike, y: TensorLike) -> Tensor:
    """Bits of `x` moved by `y` places to the left, so that `x` is multiplied by ``2 ** y``.

    Parameters
    ----------
    x, y : tensor_like
        Integers, of shapes that broadcast; booleans become int32. `y` counts from 0 to the number of bits less one.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    TypeError
        If one of them is neither.

    Examples
    --------
    >>> bitwise_left_shift([1, 5], [3, 1]).tolist()
    [8, 10]
    """
    return ops.multiply(x, ops.power(ops.full_like(x, 2), y))


@op(shape=broadcast, dtype=integral)
def bitwise_right_shift(x: TensorLike, y: TensorLike) -> Tensor:
    """Bits of `x` moved by `y` places to the right: `x` is divided by ``2 ** y`` and rounded down.

    Parameters
    ----------
    x, y : tensor_like
        Integers, of shapes that broadcast; booleans become int32. `y` counts from 0 to the number of bits less one.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    TypeError
        If one of them is neither.

    Examples
    --------
    >>> bitwise_right_shift([8, -9], 1).tolist()
    [4, -5]
    """
    low, high = finite_range(dtype_of(x))
    # the largest power of two that there is
    most = high.bit_length() - 1
    quotient = ops.floor_divide(x, ops.power(ops.full_like(x, 2), ops.minimum(y, most)))
    if low == 0:
        return quotient
    signs: Tensor = ops.where(ops.less(x, 0), ops.full_like(x, -1), ops.zeros_like(x))
    return ops.where(ops.greater(y, most), signs, quotient)  # type: ignore[no-any-return]


@op(shape=broadcast, dtype=integral)
def left_shift(x: TensorLike, y: TensorLike) -> Tensor:
    """Bits of `x` moved by `y` places to the left; another name for `bitwise_left_shift`.

    Parameters
    ----------
    x, y : tensor_like
        Integers, of shapes that broadcast; booleans become int32. `y` counts from 0 to the number of bits less one.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    TypeError
        If one of them is neither.

    Examples
    --------
    >>> left_shift([1, 5], [3, 1]).tolist()
    [8, 10]
    """
    return bitwise_left_shift(x, y)


@op(shape=broadcast, dtype=integral)
def right_shift(x: TensorLike, y: TensorLike) -> Tensor:
    """Bits of `x` moved by `y` places to the right; another name for `bitwise_right_shift`.

    Parameters
    ----------
    x, y : tensor_like
        Integers, of shapes that broadcast; booleans become int32. `y` counts from 0 to the number of bits less one.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    TypeError
        If one of them is neither.

    Examples
    --------
    >>> right_shift([8, -9], 1).tolist()
    [4, -5]
    """
    return bitwise_right_shift(x, y)
