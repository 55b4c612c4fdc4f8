"""Functions that normalise along an axis."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axes
from dl_ops.typing import Axis

kernels = Kernels()


def _along(function: Callable[..., Tensor], x: Tensor, axis: Axis) -> Tensor:
    if isinstance(axis, int):
        return function(x, axis)
    # PyTorch takes one dimension only: make the others one
    axes = standardize_axes(axis, x.ndim)
    last = list(range(-len(axes), 0))
    moved = x.movedim(axes, last)
    return function(moved.reshape(*moved.shape[: x.ndim - len(axes)], -1), -1).reshape(moved.shape).movedim(last, axes)


@kernels.add
def softmax(x: Tensor, axis: Axis = -1) -> Tensor:
    return _along(torch.softmax, x, axis)


@kernels.add
def log_softmax(x: Tensor, axis: Axis = -1) -> Tensor:
    return _along(torch.log_softmax, x, axis)
