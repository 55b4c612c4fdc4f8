"""Means and variances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from dl_backend_torch.numpy.reductions import reduction
from dl_ops.backend import Kernels


def _deviation(reduce: Callable[..., Tensor], x: Tensor, dims: tuple[int, ...], keepdims: bool) -> Tensor:
    # their gradients want dimensions spelled out
    dims = dims or tuple(range(x.ndim))
    # NaN for no elements, without the warning
    return reduce(x, dims, correction=0, keepdim=keepdims) if x.numel() else torch.mean(x, dims, keepdims)


_NATIVE: Final[dict[str, Callable[..., Tensor]]] = {
    "mean": torch.mean,
    "std": lambda x, dims, keepdims: _deviation(torch.std, x, dims, keepdims),
    "var": lambda x, dims, keepdims: _deviation(torch.var, x, dims, keepdims),
}

kernels = Kernels({name: reduction(name, function) for name, function in _NATIVE.items()})
