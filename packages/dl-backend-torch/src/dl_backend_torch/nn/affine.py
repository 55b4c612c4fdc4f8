"""Affine maps with the bias in the product's own kernel."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from dl_backend_torch.default import default
from dl_ops.backend import Kernels
from dl_ops.nn.affine import check_axes

kernels = Kernels()


@kernels.add
def affine(x: Tensor, kernel: Tensor, bias: Tensor, axes: int = 1) -> Tensor:
    if not x.is_floating_point():
        # PyTorch multiplies integers on few devices
        return default("affine", x, kernel, bias, axes)  # type: ignore[no-any-return]
    if axes == 1 and kernel.dim() == 2:
        return torch.addmm(bias, x, kernel) if x.dim() == 2 else functional.linear(x, kernel.t(), bias)
    check_axes(x, kernel, axes)
    before, columns = x.shape[: x.dim() - axes], kernel.shape[axes:]
    count = math.prod(kernel.shape[:axes])
    flat = torch.addmm(bias.reshape(-1), x.reshape(-1, count), kernel.reshape(count, -1))
    return flat.reshape(*before, *columns)
