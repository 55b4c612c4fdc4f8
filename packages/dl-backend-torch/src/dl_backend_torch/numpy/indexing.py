"""Elements picked by position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dl_ops.backend import Kernels
from dl_ops.numpy.indexing import full_key
from dl_ops.rules import standardize_axis

kernels = Kernels()


def from_front(indices: Tensor, size: int) -> Tensor:
    """Indices as PyTorch wants them: int64, counted from the front."""
    if indices.dtype is torch.int64 or indices.dtype is torch.int32:
        return torch.where(indices < 0, indices + size, indices).long()
    if indices.is_floating_point():
        raise TypeError("indices must be integers")
    return from_front(indices.long(), size)


@kernels.add
def take(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    if axis is None:
        x, axis = x.reshape(-1), 0
    axis = standardize_axis(axis, x.ndim)
    positions = from_front(indices, x.shape[axis])
    if x.ndim == 2 and axis == 0:
        # gathers rows without flattening the positions, and has the fastest backward pass
        return torch.embedding(x, positions)
    picked = x.index_select(axis, positions.reshape(-1))
    return picked.reshape((*x.shape[:axis], *positions.shape, *x.shape[axis + 1 :]))


@kernels.add
def take_along_axis(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    if axis is None:
        x, indices, axis = x.reshape(-1), indices.reshape(-1), 0
    return torch.take_along_dim(x, from_front(indices, x.shape[axis]), axis)


@kernels.add
def get_item(x: Tensor, key: tuple[Any, ...]) -> Tensor:
    if any(isinstance(entry, slice) and entry.step is not None and entry.step < 0 for entry in key):
        return _with_negative_steps(x, key)
    return x[key]


@kernels.add
def gather_item(x: Tensor, indices: Sequence[Tensor], key: tuple[Any, ...]) -> Tensor:
    # PyTorch takes uint8 for a mask, and does not index with other small integers
    tensors = [index if index.dtype in (torch.bool, torch.int64) else index.long() for index in indices]
    entries = full_key(key, tensors)
    if any(index.ndim for index in tensors):
        # for NumPy a number beside tensors is one of them; for PyTorch it is not, nor is a tensor without dimensions
        entries = tuple(_one_dimensional(entry, x.device) for entry in entries)
    if any(isinstance(entry, slice) and entry.step is not None and entry.step < 0 for entry in key):
        return _with_negative_steps(x, entries)
    return x[entries]


def _one_dimensional(entry: Any, device: torch.device) -> Any:
    if isinstance(entry, Tensor):
        return entry if entry.ndim else entry.reshape(1)
    return torch.tensor([entry], device=device) if isinstance(entry, (int, np.integer)) else entry


def _with_negative_steps(x: Tensor, key: tuple[Any, ...]) -> Tensor:
    """Part of a tensor where PyTorch has no negative steps (pytorch/pytorch#59786): flip the axis and step forwards."""
    entries = list(key)
    widths = [_width(entry) for entry in entries]
    axis = 0
    for i, entry in enumerate(entries):
        if entry is Ellipsis:
            axis += x.ndim - sum(widths)
        elif isinstance(entry, slice) and entry.step is not None and entry.step < 0:
            size = x.shape[axis]
            start, stop, step = entry.indices(size)
            x = x.flip(axis)
            first = size - 1 - start
            entries[i] = slice(first, first - step * len(range(start, stop, step)), -step)
        axis += widths[i]
    return x[tuple(entries)]


def _width(entry: Any) -> int:
    """How many axes an entry of a key takes."""
    if isinstance(entry, Tensor) and entry.dtype is torch.bool:
        return entry.ndim
    return 0 if entry is None or entry is Ellipsis else 1
