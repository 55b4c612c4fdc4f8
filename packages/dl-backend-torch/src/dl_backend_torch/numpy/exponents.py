"""Powers, roots, exponentials and logarithms."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_backend_torch.tracing import is_plain
from dl_ops.backend import Kernels

kernels = Kernels(
    {
        "exp": torch.exp,
        "exp2": torch.exp2,
        "expm1": torch.expm1,
        "log": torch.log,
        "log10": torch.log10,
        "log1p": torch.log1p,
        "log2": torch.log2,
        "logaddexp2": torch.logaddexp2,
        "rsqrt": torch.rsqrt,
        "sqrt": torch.sqrt,
        "square": torch.square,
    }
)


@kernels.add
def power(x1: Tensor, x2: Tensor) -> Tensor:
    if x2.ndim == 0 and x2.is_cpu and not x2.requires_grad and is_plain():
        # as a number it is not raised to if a product does, and has the right derivatives where it is 0
        return torch.pow(x1, x2.item())
    return torch.pow(x1, x2)
