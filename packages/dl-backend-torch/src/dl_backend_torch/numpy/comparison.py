"""Comparisons."""

from __future__ import annotations

import torch

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
