"""Degrees and radians."""

from __future__ import annotations

import math

from dl_ops.numpy.arithmetic import multiply
from dl_ops.op import op
from dl_ops.rules import real_floating, same
from dl_ops.typing import Tensor, TensorLike

__all__ = ["deg2rad", "rad2deg"]


@op(shape=same, dtype=real_floating)
def deg2rad(x: TensorLike) -> Tensor:
    """Angles in degrees, in radians.

    Parameters
    ----------
    x : tensor_like, shape (...)
        In degrees. Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> deg2rad([0.0, 180.0]).tolist()
    [0.0, 3.14159...]
    """
    return multiply(x, math.pi / 180)


@op(shape=same, dtype=real_floating)
def rad2deg(x: TensorLike) -> Tensor:
    """Angles in radians, in degrees.

    Parameters
    ----------
    x : tensor_like, shape (...)
        In radians. Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> rad2deg([0.0, 3.0]).tolist()
    [0.0, 171.887...]
    """
    return multiply(x, 180 / math.pi)
