"""Poolings."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from dl_backend_torch.nn.conv import channels_back, channels_first, padded
from dl_ops.backend import Kernels
from dl_ops.nn.windows import windows

kernels = Kernels()

_MAXIMA = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}
_AVERAGES = {1: functional.avg_pool1d, 2: functional.avg_pool2d, 3: functional.avg_pool3d}


def _smallest(dtype: torch.dtype) -> float:
    return float("-inf") if dtype.is_floating_point else torch.iinfo(dtype).min


@kernels.add
def max_pool(
    inputs: Tensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    if not inputs.is_floating_point():
        # PyTorch knows no maxima of integers in windows
        return max_pool(inputs.double(), pool_size, strides, padding, data_format).to(inputs.dtype)
    w = windows(inputs, pool_size, strides, padding, data_format)
    x = channels_first(inputs, w)
    x = padded(x, w.padding(x.shape[2:]), _smallest(x.dtype))
    return channels_back(_MAXIMA[len(w.size)](x, w.size, w.strides), w)


@kernels.add
def average_pool(
    inputs: Tensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    w = windows(inputs, pool_size, strides, padding, data_format)
    x = channels_first(inputs, w)
    pairs = w.padding(x.shape[2:])
    pool = _AVERAGES[len(w.size)]
    y = pool(padded(x, pairs), w.size, w.strides)
    if any(pair != (0, 0) for pair in pairs):
        # the mean is over the image alone, and PyTorch leaves out only what it has padded itself, alike at both ends
        inside = torch.ones((1, 1, *x.shape[2:]), dtype=x.dtype, device=x.device)
        y = y / pool(padded(inside, pairs), w.size, w.strides)
    return channels_back(y, w)
