"""The same elements in another shape or order."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axes
from dl_ops.typing import Axis

kernels = Kernels()


@kernels.add
def reshape(x: Tensor, newshape: int | Sequence[int]) -> Tensor:
    return x.reshape(newshape)


@kernels.add
def transpose(x: Tensor, axes: Sequence[int] | None = None) -> Tensor:
    return x.permute(tuple(reversed(range(x.ndim))) if axes is None else tuple(axes))


@kernels.add
def squeeze(x: Tensor, axis: Axis = None) -> Tensor:
    if axis is None:
        return x.squeeze()
    axes = standardize_axes(axis, x.ndim)
    if wrong := [i for i in axes if x.shape[i] != 1]:
        # PyTorch leaves such axes as they are
        raise ValueError(f"squeeze(axis={axis}): dimension {wrong[0]} of shape {tuple(x.shape)} is not 1")
    return x.squeeze(axes)


@kernels.add
def expand_dims(x: Tensor, axis: int | Sequence[int]) -> Tensor:
    axes = (axis,) if isinstance(axis, int) else axis
    for i in sorted(standardize_axes(axes, x.ndim + len(axes))):
        x = x.unsqueeze(i)
    return x


@kernels.add
def broadcast_to(x: Tensor, shape: Sequence[int]) -> Tensor:
    if any(size < 0 for size in shape):
        raise ValueError("PyTorch takes a size of -1 for that of x")
    return torch.broadcast_to(x, tuple(shape))


@kernels.add
def moveaxis(x: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    return torch.movedim(x, source, destination)  # type: ignore[arg-type]  # overloads do not take unions


@kernels.add
def swapaxes(x: Tensor, axis1: int, axis2: int) -> Tensor:
    return x.transpose(axis1, axis2)


@kernels.add
def ravel(x: Tensor) -> Tensor:
    return x.reshape(-1)
