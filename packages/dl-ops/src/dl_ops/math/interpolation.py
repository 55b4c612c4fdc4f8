"""Values between others."""

from __future__ import annotations

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import broadcast, floating
from dl_ops.typing import Tensor, TensorLike

__all__ = ["lerp"]


@op(shape=broadcast, dtype=floating)
def lerp(start: TensorLike, end: TensorLike, weight: float) -> Tensor:
    """Linear interpolation, element-wise: ``start + weight * (end - start)``.

    With a small weight this is the step of an exponential moving average.

    Parameters
    ----------
    start, end : tensor_like, shape (...)
        Real; integers are promoted to the default float.
    weight : float
        0 gives `start`, 1 gives `end`, which rounding may miss by a little.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> lerp([0.0, 1.0], [4.0, 1.0], 0.25).tolist()
    [1.0, 1.0]
    """
    # ops, since Python's operators promote bfloat16 in NumPy's way
    return ops.add(start, ops.multiply(weight, ops.subtract(end, start)))
