"""New tensors, on the current device."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from dl_backend_torch import devices
from dl_backend_torch.conversion import torch_dtype
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype
from dl_ops.rules import standardize_shape
from dl_ops.typing import ShapeLike

kernels = Kernels()


def options(dtype: Any) -> dict[str, Any]:
    """Arguments that say what a new tensor is made of and where."""
    return {"dtype": torch_dtype(standardize_dtype(dtype)), "device": devices.current()}


def _known(shape: ShapeLike) -> tuple[int, ...]:
    return cast("tuple[int, ...]", standardize_shape(shape))


def _like(x: Tensor, dtype: Any) -> torch.dtype:
    return x.dtype if dtype is None else torch_dtype(standardize_dtype(dtype))


@kernels.add
def zeros(shape: ShapeLike, dtype: Any = None) -> Tensor:
    return torch.zeros(_known(shape), **options(dtype))


@kernels.add
def ones(shape: ShapeLike, dtype: Any = None) -> Tensor:
    return torch.ones(_known(shape), **options(dtype))


@kernels.add
def empty(shape: ShapeLike, dtype: Any = None) -> Tensor:
    return torch.empty(_known(shape), **options(dtype))


@kernels.add
def full(shape: ShapeLike, fill_value: Any, dtype: Any = None) -> Tensor:
    if not isinstance(fill_value, Tensor):
        return torch.full(_known(shape), fill_value, **options(dtype))
    value = fill_value.to(torch_dtype(standardize_dtype(dtype)))
    return torch.broadcast_to(value, _known(shape)).clone()


@kernels.add
def zeros_like(x: Tensor, dtype: Any = None) -> Tensor:
    return torch.zeros_like(x, dtype=_like(x, dtype))


@kernels.add
def ones_like(x: Tensor, dtype: Any = None) -> Tensor:
    return torch.ones_like(x, dtype=_like(x, dtype))
