"""Linear equations, inverses and determinants."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_backend_torch.linalg.decompositions import wide
from dl_ops.backend import Kernels
from dl_ops.linalg.solving import larger_size

kernels = Kernels()

kernels.register("det", torch.linalg.det)


def _columns(a: Tensor, b: Tensor) -> tuple[Tensor, bool]:
    """`b` as a matrix, and whether it was a vector."""
    return (b.unsqueeze(-1), True) if b.ndim == a.ndim - 1 else (b, False)


@kernels.add
def inv(x: Tensor) -> Tensor:
    inverse: Tensor = torch.linalg.inv(wide(x))
    return inverse.to(x.dtype)


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


@kernels.add
def slogdet(x: Tensor) -> tuple[Tensor, Tensor]:
    sign, logarithm = torch.linalg.slogdet(wide(x))
    return sign.to(x.dtype), logarithm.to(x.dtype)


@kernels.add
def pinv(x: Tensor, rcond: float | None = None) -> Tensor:
    cutoff = 10 * larger_size(x) * torch.finfo(x.dtype).eps if rcond is None else rcond
    inverse: Tensor = torch.linalg.pinv(wide(x), atol=0.0, rtol=cutoff)
    return inverse.to(x.dtype)
