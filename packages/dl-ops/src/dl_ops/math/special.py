"""Special functions, element-wise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast, floating, same
from dl_ops.typing import Tensor, TensorLike

__all__ = ["erf", "erfc", "erfinv", "logaddexp"]

# Giles, for the middle and for the tails, highest power first
_CENTRE: Final = (
    *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087),
    *(-0.00125372503, -0.00417768164, 0.246640727, 1.50140941),
)
_TAIL: Final = (
    *(-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773),
    *(-0.0076224613, 0.00943887047, 1.00167406, 2.83297682),
)


@op(shape=same, dtype=floating)
def erf(x: TensorLike) -> Tensor:
    """Error function, element-wise: ``2 / sqrt(pi)`` times the integral of ``exp(-t ** 2)`` from 0 to `x`.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)
        Between -1 and 1.

    Examples
    --------
    >>> ops.round(erf([-10.0, 0.0, 1.0]), 4).tolist()
    [-1.0, 0.0, 0.8427000045776367]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def erfc(x: TensorLike) -> Tensor:
    """Complementary error function, element-wise: ``1 - erf(x)``.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)
        Between 0 and 2. Where a backend has no function of its own, large `x` give 0 rather than a tiny number.

    Examples
    --------
    >>> erfc([-10.0, 0.0]).tolist()
    [2.0, 1.0]
    """
    return ops.subtract(1.0, erf(x))


@op(shape=same, dtype=floating)
def erfinv(x: TensorLike) -> Tensor:
    """Inverse of the error function, element-wise.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Between -1 and 1, which give the infinities; NaN outside.

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Giles, "Approximating the erfinv function", GPU Computing Gems 2, 2011.

    Examples
    --------
    >>> ops.round(erfinv([0.0, 0.5, 1.0]), 4).tolist()
    [0.0, 0.4769..., inf]
    """
    dtype = dtype_of(x)
    wide = x if dtype in ("float32", "float64") else ops.cast(x, "float32")
    w = ops.negative(ops.log(ops.multiply(ops.subtract(1.0, wide), ops.add(1.0, wide))))
    centre, tail = _polynomial(_CENTRE, ops.subtract(w, 2.5)), _polynomial(_TAIL, ops.subtract(ops.sqrt(w), 3.0))
    y = ops.multiply(wide, ops.where(ops.less(w, 5.0), centre, tail))
    if dtype == "float64":
        # the polynomials have single precision, which two of Newton's steps double
        for _ in range(2):
            slope = ops.multiply(ops.exp(ops.negative(ops.square(y))), 2.0 / math.sqrt(math.pi))
            y = ops.subtract(y, ops.divide(ops.subtract(erf(y), wide), slope))
    infinite = ops.where(ops.greater(wide, 0.0), float("inf"), float("-inf"))
    y = ops.where(ops.equal(ops.absolute(wide), 1.0), infinite, y)
    return ops.cast(y, dtype)


def _polynomial(coefficients: Sequence[float], x: Any) -> Any:
    y: Any = coefficients[0]
    for coefficient in coefficients[1:]:
        y = ops.add(ops.multiply(y, x), coefficient)
    return y


@op(shape=broadcast, dtype=floating)
def logaddexp(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Logarithm of ``exp(x1) + exp(x2)``, element-wise, without overflow.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Integers are promoted to the default float.

    Returns
    -------
    tensor
        Of the broadcast shape.

    Examples
    --------
    >>> logaddexp([1000.0], [-1000.0]).tolist()
    [1000.0]
    """
    larger = ops.maximum(x1, x2)
    difference = ops.subtract(x1, x2)
    # two equal infinities differ by NaN
    difference = ops.where(ops.isnan(difference), ops.add(x1, x2), ops.negative(ops.absolute(difference)))
    result: Tensor = ops.where(ops.isinf(larger), larger, ops.add(larger, ops.log1p(ops.exp(difference))))
    return result
