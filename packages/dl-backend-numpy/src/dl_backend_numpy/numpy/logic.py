"""Truth values and tests, element-wise."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels

kernels = Kernels()

# NumPy's own functions where name, signature and semantics are the op's
for _name in (
    "logical_and",
    "logical_or",
    "logical_xor",
    "logical_not",
    "isnan",
    "isinf",
    "isfinite",
):
    kernels.register(_name, getattr(np, _name))
