"""Reductions along axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor

from dl_backend_torch.conversion import torch_dtype
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype
from dl_ops.rules import standardize_axes
from dl_ops.typing import Axis

kernels = Kernels()


def reduction(name: str, reduce: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Kernel of an op that has the signature of NumPy's reductions from ``reduce(x, dims, keepdims)``."""

    def kernel(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
        # PyTorch takes an empty list of dimensions for all of them
        if axis is None and not keepdims:
            return reduce(x, (), False)
        axes = standardize_axes(axis, x.ndim)
        return reduce(x, axes, keepdims) if axes else reduce(x.unsqueeze(0), (0,), False)

    kernel.__name__ = name
    return kernel


_NATIVE: Final[dict[str, Callable[..., Tensor]]] = {
    # PyTorch widens sums of integers to int64 unless it is told
    "sum": lambda x, dims, keepdims: torch.sum(x, dims, keepdims, dtype=x.dtype),
    "amax": torch.amax,
    "amin": torch.amin,
    # these two take an empty list for none
    "any": lambda x, dims, keepdims: torch.any(x, dims, keepdims) if dims else torch.any(x),
    "all": lambda x, dims, keepdims: torch.all(x, dims, keepdims) if dims else torch.all(x),
}
for _name, _function in _NATIVE.items():
    kernels.add(reduction(_name, _function))


@kernels.add
def max(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    return _extremum(kernels["amax"], torch.maximum, x, axis, keepdims, initial)


@kernels.add
def min(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    return _extremum(kernels["amin"], torch.minimum, x, axis, keepdims, initial)


def _extremum(
    reduce: Callable[..., Tensor], pick: Callable[..., Tensor], x: Tensor, axis: Axis, keepdims: bool, initial: Any
) -> Tensor:
    if initial is None:
        return reduce(x, axis, keepdims)
    bound = torch.as_tensor(initial, dtype=x.dtype, device=x.device)
    axes = standardize_axes(axis, x.ndim)
    if empty := [i for i in axes if x.shape[i] == 0]:
        # PyTorch has no extremum of nothing, with or without a bound
        x = bound.expand([1 if i in empty else n for i, n in enumerate(x.shape)])
    return pick(reduce(x, axis, keepdims), bound)


@kernels.add
def prod(x: Tensor, axis: Axis = None, keepdims: bool = False, dtype: str | None = None) -> Tensor:
    target = x.dtype if dtype is None else torch_dtype(standardize_dtype(dtype))
    # torch.prod takes one dimension only: pytorch/pytorch#56586
    for i in sorted(standardize_axes(axis, x.ndim), reverse=True):
        x = torch.prod(x, i, keepdims, dtype=target)
    return x.to(target)


def _arg(reduce: Callable[..., Tensor], x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    x = x.byte() if x.dtype is torch.bool else x
    if axis is not None:
        return reduce(x, axis, keepdims).int()
    index = reduce(x.reshape(-1), 0).int()
    return index.reshape([1] * x.ndim) if keepdims else index


@kernels.add
def argmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    return _arg(torch.argmax, x, axis, keepdims)


@kernels.add
def argmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    return _arg(torch.argmin, x, axis, keepdims)


@kernels.add
def count_nonzero(x: Tensor, axis: Axis = None) -> Tensor:
    # an empty list of dimensions would be all of them
    axes = standardize_axes(axis, x.ndim)
    return torch.count_nonzero(x, axes).int() if axes else (x != 0).int()
