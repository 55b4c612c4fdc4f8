"""Elements picked by position or by condition."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()


def from_front(indices: Tensor, size: int) -> Tensor:
    """Indices as PyTorch wants them: int64, counted from the front."""
    if indices.dtype is torch.int64 or indices.dtype is torch.int32:
        return torch.where(indices < 0, indices + size, indices).long()
    return from_front(indices.long(), size)


@kernels.add
def take(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    if axis is None:
        x, axis = x.reshape(-1), 0
    axis = axis % x.ndim
    positions = from_front(indices, x.shape[axis])
    if x.ndim == 2 and axis == 0:
        # gathers rows without flattening the positions, and has the fastest backward pass
        return torch.embedding(x, positions)
    picked = x.index_select(axis, positions.reshape(-1))
    return picked.reshape(*x.shape[:axis], *positions.shape, *x.shape[axis + 1 :])


@kernels.add
def take_along_axis(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    if axis is None:
        x, indices, axis = x.reshape(-1), indices.reshape(-1), 0
    return torch.take_along_dim(x, from_front(indices, x.shape[axis]), axis)


@kernels.add
def where(condition: Tensor, x1: Tensor | None = None, x2: Tensor | None = None) -> Any:
    if x1 is None or x2 is None:
        return nonzero(condition)
    return torch.where(condition, x1, x2)


@kernels.add
def nonzero(x: Tensor) -> tuple[Tensor, ...]:
    return tuple(positions.int() for positions in torch.nonzero(x, as_tuple=True))


@kernels.add
def get_item(x: Tensor, key: Any) -> Tensor:
    parts = list(key) if isinstance(key, tuple) else [key]
    parts = [_index(part) for part in parts]
    if any(isinstance(part, slice) and part.step is not None and part.step < 0 for part in parts):
        x, parts = _without_negative_steps(x, parts)
    return x[tuple(parts)]


def _index(part: Any) -> Any:
    if isinstance(part, (list, np.ndarray, np.generic)):
        part = torch.as_tensor(np.asarray(part))
    if isinstance(part, Tensor):
        # PyTorch takes uint8 for a mask, and does not index with other small integers
        return part if part.dtype in (torch.bool, torch.int64) else part.long()
    if isinstance(part, slice):
        return slice(*[None if bound is None else int(bound) for bound in (part.start, part.stop, part.step)])
    return part


def _dimensions(part: Any) -> int:
    return part.ndim if isinstance(part, Tensor) and part.dtype is torch.bool else int(part is not None)


def _without_negative_steps(x: Tensor, parts: list[Any]) -> tuple[Tensor, list[Any]]:
    """PyTorch has no negative steps (pytorch/pytorch#604): flip the dimension and step forwards."""
    consumed = [_dimensions(part) for part in parts]
    if Ellipsis in [part for part in parts if not isinstance(part, Tensor)]:
        position = next(i for i, part in enumerate(parts) if part is Ellipsis)
        consumed[position] = x.ndim - (sum(consumed) - 1)
    converted, axis = [], 0
    for part, width in zip(parts, consumed, strict=True):
        if isinstance(part, slice) and part.step is not None and part.step < 0:
            size = x.shape[axis]
            start, stop, step = part.indices(size)
            x = x.flip(axis)
            first = size - 1 - start
            part = slice(first, first - step * len(range(start, stop, step)), -step)
        converted.append(part)
        axis += width
    return x, converted


@kernels.add
def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return torch.diagonal(x, offset, axis1, axis2)


@kernels.add
def diag(x: Tensor, k: int = 0) -> Tensor:
    return torch.diag(x, k)
