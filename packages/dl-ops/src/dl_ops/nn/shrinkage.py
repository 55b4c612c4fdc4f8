"""Functions that set small values to zero, element-wise."""

from __future__ import annotations

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import floating, same
from dl_ops.typing import Tensor, TensorLike

# `threshold` is the name of an op and of parameters alike
__all__ = ["hard_shrink", "soft_shrink", "tanh_shrink", "threshold"]


@op(shape=same, dtype=floating)
def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """`x` where its absolute value exceeds the threshold, else 0.

    Parameters
    ----------
    x : tensor_like, shape (...)
    threshold : float, default 0.5

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> hard_shrink([-2.0, 0.4, 1.0]).tolist()
    [-2.0, 0.0, 1.0]
    """
    result: Tensor = ops.where(ops.greater(ops.absolute(x), threshold), x, 0.0)
    return result


@op(shape=same, dtype=floating)
def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """`x` moved towards 0 by the threshold, but not beyond 0.

    Parameters
    ----------
    x : tensor_like, shape (...)
    threshold : float, default 0.5

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> soft_shrink([-2.0, 0.4, 1.0]).tolist()
    [-1.5, 0.0, 0.5]
    """
    return ops.subtract(x, ops.clip(x, -threshold, threshold))


@op(shape=same, dtype=floating)
def tanh_shrink(x: TensorLike) -> Tensor:
    """``x - tanh(x)``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> ops.round(tanh_shrink([-1.0, 0.0]), 4).tolist()
    [-0.238..., 0.0]
    """
    return ops.subtract(x, ops.tanh(x))


@op(shape=same, dtype=floating)
def threshold(x: TensorLike, threshold: float, default_value: float) -> Tensor:
    """`x` where it exceeds a threshold, else another value.

    Parameters
    ----------
    x : tensor_like, shape (...)
    threshold : float
    default_value : float
        What replaces values up to the threshold.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> threshold([-1.0, 2.0], 0.5, 7.0).tolist()
    [7.0, 2.0]
    """
    result: Tensor = ops.where(ops.greater(x, threshold), x, default_value)
    return result
