"""Products summed over axes."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()

kernels.register("matmul", torch.matmul)


@kernels.add
def einsum(subscripts: str, *operands: Tensor, **kwargs: object) -> Tensor:
    return torch.einsum(subscripts, *operands)
