"""Matrix decompositions."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()


def wide(x: Tensor) -> Tensor:
    """`x`, in float32 if it holds 16-bit floats, where PyTorch fails otherwise than it says of dtypes it lacks."""
    return x.float() if x.dtype.itemsize < 4 else x


@kernels.add
def cholesky(x: Tensor, upper: bool = False) -> Tensor:
    factor: Tensor = torch.linalg.cholesky(x, upper=upper)
    return factor


@kernels.add
def qr(x: Tensor, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    q, r = torch.linalg.qr(x, mode)
    return q, r


@kernels.add
def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    if not compute_uv:
        return torch.linalg.svdvals(x)
    u, s, vh = torch.linalg.svd(x, full_matrices)
    return u, s, vh


@kernels.add
def eig(x: Tensor) -> tuple[Tensor, Tensor]:
    # PyTorch would prepare for complex numbers of 16 bits, and warn of them
    values, vectors = torch.linalg.eig(wide(x))
    return values, vectors


@kernels.add
def eigh(x: Tensor) -> tuple[Tensor, Tensor]:
    values, vectors = torch.linalg.eigh(x)
    return values, vectors


@kernels.add
def lu_factor(x: Tensor) -> tuple[Tensor, Tensor]:
    # that without the suffix refuses singular matrices
    factors, pivots, _ = torch.linalg.lu_factor_ex(x)
    # PyTorch counts rows from one
    return factors, pivots - 1
