"""Comparisons, element-wise."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()

# NumPy's own functions where name, signature and semantics are the op's
for _name in (
    "equal",
    "not_equal",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
):
    kernels.register(_name, getattr(np, _name))


@kernels.add
def isin(x1: Array, x2: Array, assume_unique: bool = False, invert: bool = False) -> Any:
    return np.isin(x1, x2, assume_unique=assume_unique, invert=invert)
