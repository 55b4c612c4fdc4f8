"""Reductions that NumPy does not have."""

from __future__ import annotations

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import floating, reduced, standardize_axes
from dl_ops.typing import Axis, Tensor, TensorLike

__all__ = ["logsumexp"]


@op(shape=reduced, dtype=floating)
def logsumexp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Logarithm of the sum of ``exp(x)`` along axes, without overflow.

    Parameters
    ----------
    x : tensor_like
        Integers are promoted to the default float.
    axis : int or sequence of int, optional
        All axes by default.
    keepdims : bool, default False
        Keep the reduced axes with size 1.

    Returns
    -------
    tensor

    Examples
    --------
    >>> logsumexp([[1000.0, 1000.0]], axis=1).tolist()
    [1000.693...]
    """
    largest = ops.stop_gradient(ops.max(x, axis=axis, keepdims=True, initial=float("-inf")))
    # a slice of nothing but infinities would give their difference, NaN
    shift = ops.where(ops.isfinite(largest), largest, 0.0)
    total = ops.log(ops.sum(ops.exp(ops.subtract(x, shift)), axis=axis, keepdims=keepdims))
    return ops.add(total, shift if keepdims else ops.squeeze(shift, standardize_axes(axis, len(shift.shape))))
