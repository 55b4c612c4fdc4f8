"""Running sums and products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from dl_backend_torch.conversion import torch_dtype
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype

kernels = Kernels()


def _cumulative(function: Callable[..., Tensor], x: Tensor, axis: int | None, dtype: Any) -> Tensor:
    target = x.dtype if dtype is None else torch_dtype(standardize_dtype(dtype))
    return function(x.reshape(-1), 0, dtype=target) if axis is None else function(x, axis, dtype=target)


@kernels.add
def cumsum(x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    return _cumulative(torch.cumsum, x, axis, dtype)


@kernels.add
def cumprod(x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    return _cumulative(torch.cumprod, x, axis, dtype)
