"""Reading and changing parts of a tensor at positions that are tensors themselves."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

import torch
from torch import Tensor

from dl_backend_torch.numpy.indexing import from_front
from dl_ops.backend import Kernels

kernels = Kernels()

_REDUCTIONS = {"add": "sum", "max": "amax", "min": "amin", "mul": "prod"}


@kernels.add
def scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor, reduction: str | None = None) -> Tensor:
    depth = indices.shape[-1]
    positions = tuple(from_front(indices[..., i], inputs.shape[i]) for i in range(depth))
    if reduction is None or reduction == "add":
        return inputs.index_put(positions, updates, accumulate=reduction == "add")
    # index_reduce works along one dimension: the indexed ones become one
    rows = inputs.new_zeros((), dtype=torch.int64)
    for position, size in zip(positions, inputs.shape, strict=False):
        rows = rows * size + position
    flat = inputs.reshape(-1, *inputs.shape[depth:])
    updates = updates.reshape(-1, *inputs.shape[depth:])
    index = rows.reshape(-1, *[1] * (flat.ndim - 1)).expand_as(updates)
    return flat.scatter_reduce(0, index, updates, _REDUCTIONS[reduction]).reshape(inputs.shape)


def _part(
    name: str, inputs: Tensor, start_indices: Tensor | Sequence[int], sizes: Sequence[int]
) -> tuple[builtins.slice, ...]:
    """Key of a part, which PyTorch would cut off where it does not lie inside."""
    starts = start_indices.tolist() if isinstance(start_indices, Tensor) else start_indices
    for start, size, available in zip(starts, sizes, inputs.shape, strict=True):
        if start < 0 or size < 0 or start + size > available:
            raise ValueError(
                f"{name}(start_indices={starts}): a part of shape {tuple(sizes)} from there does not lie inside "
                f"shape {tuple(inputs.shape)}"
            )
    return tuple(builtins.slice(start, start + size) for start, size in zip(starts, sizes, strict=True))


@kernels.add
def slice(inputs: Tensor, start_indices: Tensor, shape: int | Sequence[int]) -> Tensor:
    return inputs[_part("slice", inputs, start_indices, (shape,) if isinstance(shape, int) else shape)]


@kernels.add
def slice_update(inputs: Tensor, start_indices: Tensor, updates: Tensor) -> Tensor:
    changed = inputs.clone()
    changed[_part("slice_update", inputs, start_indices, updates.shape)] = updates
    return changed
