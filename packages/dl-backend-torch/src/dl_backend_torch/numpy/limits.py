"""Maxima, minima and clipping."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels(
    {"clip": torch.clamp, "fmax": torch.fmax, "fmin": torch.fmin, "maximum": torch.maximum, "minimum": torch.minimum}
)


@kernels.add
def nan_to_num(x: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    return torch.nan_to_num(x, nan, posinf, neginf)
