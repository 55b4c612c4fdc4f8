"""Sums, products and quotients."""

from __future__ import annotations

import torch

from dl_ops.backend import Kernels

kernels = Kernels(
    {
        "add": torch.add,
        "divide": torch.div,
        "floor_divide": torch.floor_divide,
        "fmod": torch.fmod,
        "hypot": torch.hypot,
        "mod": torch.remainder,
        "multiply": torch.mul,
        "negative": torch.neg,
        "reciprocal": torch.reciprocal,
        "subtract": torch.sub,
        "true_divide": torch.div,
    }
)
