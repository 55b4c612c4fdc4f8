"""Sign, magnitude and rounding, element-wise."""

from __future__ import annotations

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import is_float
from dl_ops.numpy.arithmetic import multiply
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast, floating, kept, part, real_floating, same
from dl_ops.typing import Tensor, TensorLike

__all__ = [
    "abs",
    "absolute",
    "ceil",
    "fabs",
    "floor",
    "heaviside",
    "round",
    "sign",
    "trunc",
]


@op(shape=same, dtype=part)
def absolute(x: TensorLike) -> Tensor:
    """Element-wise absolute value.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Of complex numbers, the magnitudes.

    Examples
    --------
    >>> absolute([-1.5, 2.0]).tolist()
    [1.5, 2.0]
    """
    raise primitive()


@op(shape=same, dtype=part)
def abs(x: TensorLike) -> Tensor:
    """Element-wise absolute value; another name for `absolute`.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Of complex numbers, the magnitudes.

    Examples
    --------
    >>> abs([-1.5, 2.0]).tolist()
    [1.5, 2.0]
    """
    return absolute(x)


@op(shape=same, dtype=kept)
def sign(x: TensorLike) -> Tensor:
    """Element-wise sign: -1, 0 or 1, in the dtype of `x`.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> sign([-1.5, 0.0, 2.0]).tolist()
    [-1.0, 0.0, 1.0]
    """
    dtype = dtype_of(x)
    difference = ops.subtract(ops.cast(ops.greater(x, 0), dtype), ops.cast(ops.less(x, 0), dtype))
    result: Tensor = ops.where(ops.isnan(x), x, difference) if is_float(dtype) else difference
    return result


@op(shape=same, dtype=floating)
def floor(x: TensorLike) -> Tensor:
    """Element-wise largest integer that is not above `x`.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> floor([-1.5, 1.5]).tolist()
    [-2.0, 1.0]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def ceil(x: TensorLike) -> Tensor:
    """Element-wise smallest integer that is not below `x`.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> ceil([-1.5, 1.5]).tolist()
    [-1.0, 2.0]
    """
    return ops.negative(floor(ops.negative(x)))


@op(shape=same, dtype=kept)
def trunc(x: TensorLike) -> Tensor:
    """Element-wise integer part of `x`, towards zero, in the dtype of `x`.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> trunc([-1.5, 1.5]).tolist()
    [-1.0, 1.0]
    """
    if not is_float(dtype_of(x)):
        return x  # type: ignore[return-value]  # dispatch has made it a tensor
    return multiply(sign(x), floor(absolute(x)))


@op(shape=same, dtype=kept)
def round(x: TensorLike, decimals: int = 0) -> Tensor:
    """Element-wise rounding; halves go to the even neighbour.

    Parameters
    ----------
    x : tensor_like, shape (...)
    decimals : int, default 0
        Decimal places to keep; if negative, places before the point to clear.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> round([0.5, 1.5, 2.6]).tolist()
    [0.0, 2.0, 3.0]
    >>> round([127, 131], decimals=-1).tolist()
    [130, 130]
    """
    raise primitive()


@op(shape=same, dtype=real_floating)
def fabs(x: TensorLike) -> Tensor:
    """Element-wise absolute value, as a float.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> fabs([-1, 2]).tolist()
    [1.0, 2.0]
    """
    return absolute(x)


@op(shape=broadcast, dtype=real_floating)
def heaviside(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise step: 0 where `x1` is negative, 1 where it is positive, `x2` where it is 0.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Integers are promoted to the default float.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype. NaN where `x1` is.

    Examples
    --------
    >>> heaviside([-1.5, 0.0, 2.0], 0.5).tolist()
    [0.0, 0.5, 1.0]
    """
    step = ops.where(ops.equal(x1, 0), x2, ops.cast(ops.greater(x1, 0), dtype_of(x1)))
    return ops.where(ops.isnan(x1), float("nan"), step)  # type: ignore[no-any-return]
