"""Linear equations, inverses and determinants."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()

kernels.register("det", torch.linalg.det)
kernels.register("inv", torch.linalg.inv)


def _columns(a: Tensor, b: Tensor) -> tuple[Tensor, bool]:
    """`b` as a matrix, and whether it was a vector."""
    return (b.unsqueeze(-1), True) if b.ndim == a.ndim - 1 else (b, False)


@kernels.add
def solve(a: Tensor, b: Tensor) -> Tensor:
    columns, vector = _columns(a, b)
    x: Tensor = torch.linalg.solve(a, columns)
    return x.squeeze(-1) if vector else x


@kernels.add
def solve_triangular(a: Tensor, b: Tensor, lower: bool = False) -> Tensor:
    columns, vector = _columns(a, b)
    x: Tensor = torch.linalg.solve_triangular(a, columns, upper=not lower)
    return x.squeeze(-1) if vector else x
