"""Diagonals and triangles."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dl_backend_torch.numpy.creation import options
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    columns = N if M is None else M
    if k == 0:
        return torch.eye(N, columns, **options(dtype))
    made = options(dtype)
    row, column = (torch.arange(n, device=made["device"]) for n in (N, columns))
    return (row.unsqueeze(1) + k == column).to(made["dtype"])


@kernels.add
def tril(x: Tensor, k: int = 0) -> Tensor:
    return torch.tril(x, k)


@kernels.add
def triu(x: Tensor, k: int = 0) -> Tensor:
    return torch.triu(x, k)


@kernels.add
def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return torch.diagonal(x, offset, axis1, axis2)


@kernels.add
def diag(x: Tensor, k: int = 0) -> Tensor:
    return torch.diag(x, k)
