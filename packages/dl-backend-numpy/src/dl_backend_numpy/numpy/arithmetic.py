"""The four operations."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()

# NumPy's own functions where name, signature and semantics are the op's
for _name in (
    "add",
    "subtract",
    "multiply",
    "divide",
    "true_divide",
    "floor_divide",
    "fmod",
    "mod",
    "negative",
    "reciprocal",
):
    kernels.register(_name, getattr(np, _name))


@kernels.add
def divide_no_nan(x1: Array, x2: Array) -> Array:
    if x2.ndim == 0 and x2:
        return np.divide(x1, x2)
    zero = x2 == 0
    quotient: Array = np.where(zero, 0, x1 / np.where(zero, 1, x2))
    return quotient
