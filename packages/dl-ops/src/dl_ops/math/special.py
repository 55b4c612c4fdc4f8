"""Special functions, element-wise."""

from __future__ import annotations

from dl_ops import ops
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast, floating, same
from dl_ops.typing import Tensor, TensorLike

__all__ = ["erf", "erfc", "erfinv", "logaddexp"]


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

    Examples
    --------
    >>> ops.round(erfinv([0.0, 0.5, 1.0]), 4).tolist()
    [0.0, 0.4769..., inf]
    """
    raise primitive()


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
