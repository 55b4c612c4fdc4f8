"""Order and rank."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def sort(x: Tensor, axis: int | None = -1) -> Tensor:
    return torch.sort(x.reshape(-1)).values if axis is None else torch.sort(x, axis).values


@kernels.add
def argsort(x: Tensor, axis: int | None = -1) -> Tensor:
    x, dim = (x.reshape(-1), 0) if axis is None else (x, axis)
    return torch.argsort(x, dim=dim, stable=True).int()


@kernels.add
def searchsorted(sorted_sequence: Tensor, values: Tensor, side: str = "left") -> Tensor:
    if sorted_sequence.ndim != 1:
        raise ValueError("PyTorch takes more dimensions for a batch")
    return torch.searchsorted(sorted_sequence.contiguous(), values.contiguous(), side=side, out_int32=True)


@kernels.add
def top_k(x: Tensor, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    # torch.topk is faster, and in no order where elements are equal: pytorch/pytorch#88227
    values, indices = torch.sort(x, descending=True, stable=True)
    return values.narrow(-1, 0, k), indices.narrow(-1, 0, k).int()
