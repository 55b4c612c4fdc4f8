"""Products summed over axes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()

kernels.register("matmul", torch.matmul)


@kernels.add
def einsum(subscripts: str, *operands: Tensor, **kwargs: Any) -> Tensor:
    # sums of integers come as int64
    return torch.einsum(subscripts, *operands).to(operands[0].dtype)
