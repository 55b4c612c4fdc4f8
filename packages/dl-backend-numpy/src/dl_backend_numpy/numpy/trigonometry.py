"""Trigonometric and hyperbolic functions, element-wise."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels

kernels = Kernels()

# NumPy's own functions where name, signature and semantics are the op's
for _name in (
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "arctan2",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
):
    kernels.register(_name, getattr(np, _name))
