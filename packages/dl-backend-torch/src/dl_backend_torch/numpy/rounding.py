"""Absolute values, signs and rounding."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels(
    {
        "abs": torch.abs,
        "absolute": torch.abs,
        "ceil": torch.ceil,
        "floor": torch.floor,
        "sign": torch.sign,
        "trunc": torch.trunc,
    }
)


@kernels.add
def round(x: Tensor, decimals: int = 0) -> Tensor:
    if x.is_floating_point():
        return torch.round(x, decimals=decimals)
    # torch.round takes no decimals for integers
    return x if decimals >= 0 else torch.round(x.double(), decimals=decimals).to(x.dtype)
