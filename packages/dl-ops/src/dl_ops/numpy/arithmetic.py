"""The four operations and what comes from them."""

from __future__ import annotations

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import is_float
from dl_ops.numpy.comparison import equal
from dl_ops.numpy.creation import ones_like, zeros_like
from dl_ops.numpy.selection import where
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast, floating, numeric, promoted, real_numeric, same, subtracted
from dl_ops.typing import Tensor, TensorLike

__all__ = [
    "add",
    "divide",
    "divide_no_nan",
    "floor_divide",
    "fmod",
    "mod",
    "multiply",
    "negative",
    "reciprocal",
    "subtract",
    "true_divide",
]


@op(shape=broadcast, dtype=promoted)
def add(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise sum ``x1 + x2``.

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
    >>> add([1, 2], 0.5).tolist()
    [1.5, 2.5]
    """
    raise primitive()


@op(shape=broadcast, dtype=subtracted)
def subtract(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise difference ``x1 - x2``.

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
    >>> subtract([1, 2], 3).tolist()
    [-2, -1]
    """
    raise primitive()


@op(shape=broadcast, dtype=promoted)
def multiply(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise product ``x1 * x2``.

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
    >>> multiply([1, 2], [3, 4]).tolist()
    [3, 8]
    """
    raise primitive()


@op(shape=broadcast, dtype=floating)
def divide(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise quotient ``x1 / x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Integers are promoted to the default float.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> divide([1, 2], 4).tolist()
    [0.25, 0.5]
    """
    raise primitive()


@op(shape=broadcast, dtype=floating)
def true_divide(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise quotient ``x1 / x2``; another name for `divide`.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Integers are promoted to the default float.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> true_divide([1, 2], 4).tolist()
    [0.25, 0.5]
    """
    return divide(x1, x2)


@op(shape=broadcast, dtype=floating)
def divide_no_nan(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise quotient ``x1 / x2``, and zero where `x2` is zero.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Integers are promoted to the default float.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> divide_no_nan([1.0, 2.0], [0.0, 4.0]).tolist()
    [0.0, 0.5]
    """
    zero = equal(x2, 0)
    # the divisor is replaced too: an infinite quotient that is not selected still makes the gradient NaN
    quotient: Tensor = where(zero, zeros_like(x1), divide(x1, where(zero, ones_like(x2), x2)))
    return quotient


@op(shape=broadcast, dtype=numeric)
def floor_divide(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise largest integer that is not above the quotient ``x1 / x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Booleans become int32.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype: integers stay integers.

    Examples
    --------
    >>> floor_divide([7, -7], 2).tolist()
    [3, -4]
    """
    raise primitive()


@op(shape=broadcast, dtype=numeric)
def mod(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise remainder of `floor_divide`, which has the sign of `x2`.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Booleans become int32.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> mod([7, -7], 4).tolist()
    [3, 1]
    """
    raise primitive()


@op(shape=broadcast, dtype=real_numeric)
def fmod(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise remainder of a division that rounds towards zero; it has the sign of `x1`.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Booleans become int32.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> fmod([7, -7], 4).tolist()
    [3, -3]
    """
    if is_float(dtype_of(x1)):
        rest = mod(ops.absolute(x1), ops.absolute(x2))
        return where(ops.less(x1, 0), negative(rest), rest)  # type: ignore[no-any-return]
    rest = mod(x1, x2)
    apart = ops.logical_and(ops.not_equal(rest, 0), ops.not_equal(ops.less(x1, 0), ops.less(x2, 0)))
    return where(apart, subtract(rest, x2), rest)  # type: ignore[no-any-return]


@op(shape=same, dtype=subtracted)
def negative(x: TensorLike) -> Tensor:
    """Element-wise ``-x``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> negative([1, -2]).tolist()
    [-1, 2]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def reciprocal(x: TensorLike) -> Tensor:
    """Element-wise ``1 / x``.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> reciprocal([2, 4]).tolist()
    [0.5, 0.25]
    """
    return divide(1, x)
