"""Tensors as such."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from dl_backend_torch.conversion import converted, torch_dtype
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype

kernels = Kernels()


@kernels.add
def cast(x: Tensor, dtype: Any) -> Tensor:
    return converted(x, torch_dtype(standardize_dtype(dtype)))


@kernels.add
def stop_gradient(variable: Tensor) -> Tensor:
    return variable.detach()


@kernels.add
def copy(x: Tensor) -> Tensor:
    return x.clone()
