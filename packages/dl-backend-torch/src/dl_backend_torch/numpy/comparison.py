"""Comparisons."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_backend_torch.default import default
from dl_ops.backend import Kernels

kernels = Kernels(
    {
        "equal": torch.eq,
        "greater": torch.gt,
        "greater_equal": torch.ge,
        "less": torch.lt,
        "less_equal": torch.le,
        "not_equal": torch.ne,
    }
)


@kernels.add
def isin(x1: Tensor, x2: Tensor, assume_unique: bool = False, invert: bool = False) -> Tensor:
    # PyTorch has none for booleans and complex numbers
    if x1.dtype is torch.bool or x1.is_complex():
        y: Tensor = default("isin", x1, x2, assume_unique, invert)
        return y
    return torch.isin(x1, x2, assume_unique=assume_unique, invert=invert)
