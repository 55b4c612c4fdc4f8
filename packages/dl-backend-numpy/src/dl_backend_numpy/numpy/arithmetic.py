"""The four operations."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels

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
