"""Complex numbers as networks that rotate features use them."""

from __future__ import annotations

from dl_ops import ops
from dl_ops.numpy.complex_numbers import from_parts
from dl_ops.op import op
from dl_ops.rules import broadcast, composed
from dl_ops.typing import Tensor, TensorLike

__all__ = ["polar"]


@op(shape=broadcast, dtype=composed)
def polar(abs_: TensorLike, angle: TensorLike) -> Tensor:
    """Complex numbers from magnitudes and angles: ``abs_ * (cos(angle) + i sin(angle))``.

    Parameters
    ----------
    abs_, angle : tensor_like
        Real, of shapes that broadcast; `angle` in radians.

    Returns
    -------
    tensor
        complex128 if one of them is float64, else complex64.

    Examples
    --------
    >>> polar([1.0, 2.0], 0.0).tolist()
    [(1+0j), (2+0j)]
    """
    return from_parts(ops.multiply(abs_, ops.cos(angle)), ops.multiply(abs_, ops.sin(angle)))
