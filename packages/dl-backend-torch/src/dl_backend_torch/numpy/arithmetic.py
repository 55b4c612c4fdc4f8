"""Sums, products and quotients."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_backend_torch.tracing import is_plain
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


@kernels.add
def divide_no_nan(x1: Tensor, x2: Tensor) -> Tensor:
    if x2.ndim == 0 and x2.is_cpu and not x2.requires_grad and is_plain() and x2.item():
        return x1 / x2  # to look costs less than three more kernels
    zero = x2 == 0
    # the divisor is replaced too: an infinite quotient that is not selected still makes the gradient NaN
    return (x1 / x2.masked_fill(zero, 1)).masked_fill(zero, 0)
