"""How numbers are stored."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dl_backend_torch.conversion import torch_dtype
from dl_backend_torch.default import default
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype

kernels = Kernels({"signbit": torch.signbit})


@kernels.add
def view(x: Tensor, dtype: Any = None) -> Tensor:
    if dtype is None:
        return x
    wanted = torch_dtype(standardize_dtype(dtype))
    if wanted.itemsize != x.element_size():
        last, rest = divmod(x.shape[-1] * x.element_size(), wanted.itemsize) if x.ndim else (0, 1)
        if not (x.numel() or rest):
            # PyTorch asks for steps between the numbers even where there are none
            return torch.empty((*x.shape[:-1], last), dtype=wanted, device=x.device)
        # numbers that are put together or taken apart must be neighbours
        x = x.contiguous()
    return x.detach().resolve_conj().resolve_neg().view(wanted)


@kernels.add
def nextafter(x1: Tensor, x2: Tensor) -> Tensor:
    # in a wider dtype the next number is another one
    if x1.dtype is torch.float16:
        y: Tensor = default("nextafter", x1, x2)
        return y
    return torch.nextafter(x1.detach(), x2.detach())
