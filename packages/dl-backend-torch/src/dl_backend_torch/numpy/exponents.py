"""Powers, roots, exponentials and logarithms."""

from __future__ import annotations

import torch

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
        "power": torch.pow,
        "rsqrt": torch.rsqrt,
        "sqrt": torch.sqrt,
        "square": torch.square,
    }
)
