"""Elements repeated, reversed, moved and added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from dl_backend_torch.default import default
from dl_ops.backend import Kernels
from dl_ops.numpy.reordering import pad_widths
from dl_ops.rules import standardize_axes
from dl_ops.typing import Axis

kernels = Kernels()


@kernels.add
def tile(x: Tensor, repeats: int | Sequence[int]) -> Tensor:
    return torch.tile(x, (repeats,) if isinstance(repeats, int) else tuple(repeats))


@kernels.add
def repeat(x: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    counts = repeats if isinstance(repeats, (int, Tensor)) else torch.as_tensor(repeats, device=x.device)
    if isinstance(counts, Tensor) and counts.numel() == 1:
        counts = int(counts)
    elif isinstance(counts, Tensor):
        counts = counts.long()
    if isinstance(repeats, float):
        raise TypeError("PyTorch cuts off the fraction")
    return torch.repeat_interleave(x, counts, dim=axis)


@kernels.add
def flip(x: Tensor, axis: Axis = None) -> Tensor:
    return torch.flip(x, standardize_axes(axis, x.ndim))


@kernels.add
def roll(x: Tensor, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Tensor:
    if axis is None:
        return torch.roll(x, shift)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    shifts = (shift,) * len(axes) if isinstance(shift, int) else tuple(shift)
    return torch.roll(x, shifts, axes * len(shifts) if len(axes) == 1 else axes)


@kernels.add
def pad(x: Tensor, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Tensor:
    if mode != "constant":
        # PyTorch has the other modes for some ranks only
        return default("pad", x, pad_width, mode, constant_values)  # type: ignore[no-any-return]
    # PyTorch counts from the last dimension
    widths = [width for pair in reversed(pad_widths(pad_width, x.ndim)) for width in pair]
    return functional.pad(x, widths, value=0 if constant_values is None else float(constant_values))
