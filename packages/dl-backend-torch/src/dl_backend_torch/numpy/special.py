"""Special functions that NumPy has."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def i0(x: Tensor) -> Tensor:
    # PyTorch's is NaN at infinity
    infinite = torch.isinf(x)
    return torch.where(infinite, torch.inf, torch.i0(torch.where(infinite, 0.0, x)))
