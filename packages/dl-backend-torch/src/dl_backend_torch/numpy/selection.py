"""Elements picked by condition."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def where(condition: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    return torch.where(condition, x1, x2)


@kernels.add
def nonzero(x: Tensor) -> tuple[Tensor, ...]:
    return tuple(positions.int() for positions in torch.nonzero(x, as_tuple=True))
