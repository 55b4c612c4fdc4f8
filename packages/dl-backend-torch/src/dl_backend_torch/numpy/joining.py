"""Tensors put together and taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def concatenate(xs: Sequence[Tensor], axis: int | None = 0) -> Tensor:
    return torch.cat([x.reshape(-1) for x in xs]) if axis is None else torch.cat(list(xs), axis)


@kernels.add
def stack(x: Sequence[Tensor], axis: int = 0) -> Tensor:
    return torch.stack(list(x), axis)


@kernels.add
def split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    sections = indices_or_sections if isinstance(indices_or_sections, int) else [int(i) for i in indices_or_sections]
    if isinstance(sections, int) and x.shape[axis] % sections:
        raise ValueError("PyTorch makes parts of unequal size")
    return list(torch.tensor_split(x, sections, axis))


@kernels.add
def unstack(x: Tensor, num: int | None = None, axis: int = 0) -> list[Tensor]:
    parts = torch.unbind(x, axis)
    if num not in (None, len(parts)):
        raise ValueError(f"there are {len(parts)}")
    return list(parts)
