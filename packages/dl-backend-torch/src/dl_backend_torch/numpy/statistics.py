"""Means and variances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from dl_backend_torch.numpy.reductions import reduction
from dl_ops.backend import Kernels

_NATIVE: Final[dict[str, Callable[..., Tensor]]] = {
    "mean": torch.mean,
    # their gradients want dimensions spelled out
    "std": lambda x, dims, keepdims: torch.std(x, dims or tuple(range(x.ndim)), correction=0, keepdim=keepdims),
    "var": lambda x, dims, keepdims: torch.var(x, dims or tuple(range(x.ndim)), correction=0, keepdim=keepdims),
}

kernels = Kernels({name: reduction(name, function) for name, function in _NATIVE.items()})
