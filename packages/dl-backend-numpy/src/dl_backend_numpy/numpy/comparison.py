"""Comparisons, element-wise."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels

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
