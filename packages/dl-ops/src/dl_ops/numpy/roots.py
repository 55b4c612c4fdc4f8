"""Cube roots, and lengths."""

from __future__ import annotations

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import broadcast, real_floating, same
from dl_ops.typing import Tensor, TensorLike

__all__ = ["cbrt", "hypot"]


@op(shape=same, dtype=real_floating)
def cbrt(x: TensorLike) -> Tensor:
    """Element-wise cube root, of the sign of `x`.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> ops.round(cbrt([-27.0, 8.0]), 3).tolist()
    [-3.0, 2.0]
    """
    below = ops.less(x, 0)
    size = ops.where(below, ops.negative(x), x)
    root = ops.power(size, 1 / 3)
    # a third is rounded, which a step of Newton's method makes up for, except where that divides by zero or infinity
    exact = ops.logical_or(ops.equal(root, 0), ops.isinf(root))
    safe = ops.where(exact, ops.ones_like(root), root)
    error = ops.divide(ops.subtract(root, ops.divide(size, ops.multiply(safe, safe))), 3.0)
    root = ops.subtract(root, ops.stop_gradient(ops.where(exact, ops.zeros_like(root), error)))
    return ops.where(below, ops.negative(root), root)  # type: ignore[no-any-return]


@op(shape=broadcast, dtype=real_floating)
def hypot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise length of the vector ``(x1, x2)``, without overflow: ``sqrt(x1 ** 2 + x2 ** 2)``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Integers are promoted to the default float.

    Returns
    -------
    tensor
        Of the broadcast shape; infinite where one of them is, also beside NaN.

    Examples
    --------
    >>> hypot([3.0, 5.0], [4.0, 12.0]).tolist()
    [5.0, 13.0]
    """
    x1, x2 = ops.absolute(x1), ops.absolute(x2)
    larger, smaller = ops.maximum(x1, x2), ops.minimum(x1, x2)
    infinite = ops.logical_or(ops.isinf(x1), ops.isinf(x2))
    unscaled = ops.logical_or(infinite, ops.equal(larger, 0))
    ratio = ops.divide(smaller, ops.where(unscaled, ops.ones_like(larger), larger))
    ratio = ops.where(infinite, ops.zeros_like(ratio), ratio)
    length = ops.multiply(larger, ops.sqrt(ops.add(ops.square(ratio), 1.0)))
    return ops.where(infinite, ops.full_like(length, float("inf")), length)  # type: ignore[no-any-return]
