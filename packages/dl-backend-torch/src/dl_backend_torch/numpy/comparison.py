"""Comparisons and logic."""

from __future__ import annotations

import torch

from dl_ops.backend import Kernels

kernels = Kernels(
    {
        "equal": torch.eq,
        "greater": torch.gt,
        "greater_equal": torch.ge,
        "isfinite": torch.isfinite,
        "isinf": torch.isinf,
        "isnan": torch.isnan,
        "less": torch.lt,
        "less_equal": torch.le,
        "logical_and": torch.logical_and,
        "logical_not": torch.logical_not,
        "logical_or": torch.logical_or,
        "logical_xor": torch.logical_xor,
        "not_equal": torch.ne,
    }
)
