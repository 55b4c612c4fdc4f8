"""Trigonometric and hyperbolic functions."""

from __future__ import annotations

import torch

from dl_ops.backend import Kernels

_NATIVE = (
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2"),
    *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
)

kernels = Kernels({name: getattr(torch, name) for name in _NATIVE})
