"""Powers, roots, exponentials and logarithms, element-wise."""

from __future__ import annotations

import math

from dl_ops import ops
from dl_ops.numpy.arithmetic import divide, multiply, negative
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast, floating, numeric, real_floating, same
from dl_ops.typing import Tensor, TensorLike

__all__ = [
    "exp",
    "exp2",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp2",
    "power",
    "rsqrt",
    "sqrt",
    "square",
]


@op(shape=broadcast, dtype=numeric)
def power(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise ``x1 ** x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Booleans become int32; a negative power of integers is not defined.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> power([2, 3], 2).tolist()
    [4, 9]
    """
    raise primitive()


@op(shape=same, dtype=numeric)
def square(x: TensorLike) -> Tensor:
    """Element-wise ``x * x``.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Booleans become int32.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> square([1, -2]).tolist()
    [1, 4]
    """
    return multiply(x, x)


@op(shape=same, dtype=floating)
def sqrt(x: TensorLike) -> Tensor:
    """Element-wise square root; NaN for negative numbers.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> sqrt([4, 9]).tolist()
    [2.0, 3.0]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def rsqrt(x: TensorLike) -> Tensor:
    """Element-wise reciprocal square root, ``1 / sqrt(x)``.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> rsqrt([4, 16]).tolist()
    [0.5, 0.25]
    """
    return divide(1, sqrt(x))


@op(shape=same, dtype=floating)
def exp(x: TensorLike) -> Tensor:
    """Element-wise ``e ** x``.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> exp([0, 1]).tolist()
    [1.0, 2.71828...]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def exp2(x: TensorLike) -> Tensor:
    """Element-wise ``2 ** x``.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> exp2([0, 3]).tolist()
    [1.0, 8.0]
    """
    return power(2, x)


@op(shape=same, dtype=floating)
def expm1(x: TensorLike) -> Tensor:
    """Element-wise ``e ** x - 1``, exact also near zero.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> round(float(expm1(1e-8)) * 1e8, 4)
    1.0
    """
    raise primitive()


@op(shape=same, dtype=floating)
def log(x: TensorLike) -> Tensor:
    """Element-wise natural logarithm; ``-inf`` at zero, NaN for negative numbers.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> log([1.0, 2.718281828]).tolist()
    [0.0, 1.0]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def log1p(x: TensorLike) -> Tensor:
    """Element-wise ``log(1 + x)``, exact also near zero.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> round(float(log1p(1e-8)) * 1e8, 4)
    1.0
    """
    raise primitive()


@op(shape=same, dtype=floating)
def log2(x: TensorLike) -> Tensor:
    """Element-wise logarithm to base 2.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> log2([1, 8]).tolist()
    [0.0, 3.0]
    """
    return multiply(log(x), 1 / math.log(2))


@op(shape=same, dtype=floating)
def log10(x: TensorLike) -> Tensor:
    """Element-wise logarithm to base 10.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> log10([1, 10]).tolist()
    [0.0, 1.0]
    """
    return multiply(log(x), 1 / math.log(10))


@op(shape=broadcast, dtype=real_floating)
def logaddexp2(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Logarithm to base 2 of ``2 ** x1 + 2 ** x2``, element-wise, without overflow.

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
    >>> logaddexp2([1000.0, 3.0], [1000.0, 3.0]).tolist()
    [1001.0, 4.0]
    """
    larger = ops.maximum(x1, x2)
    difference = ops.subtract(x1, x2)
    # two equal infinities differ by NaN
    difference = ops.where(ops.isnan(difference), ops.add(x1, x2), negative(ops.absolute(difference)))
    rest = multiply(log1p(exp2(difference)), 1 / math.log(2))
    return ops.where(ops.isinf(larger), larger, ops.add(larger, rest))  # type: ignore[no-any-return]
