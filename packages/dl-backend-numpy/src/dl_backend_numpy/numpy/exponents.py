"""Powers, roots, exponentials and logarithms, element-wise."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels

kernels = Kernels()

# NumPy's own functions where name, signature and semantics are the op's
for _name in (
    "power",
    "square",
    "sqrt",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp2",
):
    kernels.register(_name, getattr(np, _name))
