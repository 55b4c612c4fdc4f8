"""Reductions that are not NumPy's."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axes
from dl_ops.typing import Axis

kernels = Kernels()


@kernels.add
def logsumexp(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    # PyTorch takes an empty list of dimensions for all of them
    axes = standardize_axes(axis, x.ndim)
    return torch.logsumexp(x, axes, keepdims) if axes else x
