"""Normalisation by moments, where PyTorch does it in one kernel."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from dl_backend_torch.default import default
from dl_ops import config
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axes
from dl_ops.typing import Axis

kernels = Kernels()


@kernels.add
def moments(x: Tensor, axes: Axis, keepdims: bool = False, synchronized: bool = False) -> tuple[Tensor, Tensor]:
    if x.dtype is torch.float16 or not x.ndim or synchronized:
        return default("moments", x, axes, keepdims, synchronized)  # type: ignore[no-any-return]
    variance, mean = torch.var_mean(x, standardize_axes(axes, x.ndim), correction=0, keepdim=keepdims)
    return mean, variance


def _normalized(x: Tensor, axis: Axis, *parameters: Tensor | None) -> tuple[int, ...] | None:
    """Sizes of the axes if they are the last ones, and the parameters have them too; PyTorch knows no other case."""
    axes = standardize_axes(axis, x.ndim)
    if axes != tuple(range(x.ndim - len(axes), x.ndim)):
        return None
    shape = tuple(x.shape[axes[0] :])
    return shape if all(p is None or tuple(p.shape) == shape for p in parameters) else None


@kernels.add
def layer_normalization(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    axis: Axis = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Tensor:
    shape = None if kwargs else _normalized(x, axis, gamma, beta)
    if not shape:
        return default("layer_normalization", x, gamma, beta, axis, epsilon, **kwargs)  # type: ignore[no-any-return]
    epsilon = config.epsilon() if epsilon is None else epsilon
    if gamma is None and beta is not None:
        # PyTorch's second derivative fails for a shift without factors
        return functional.layer_norm(x, shape, eps=epsilon) + beta
    return functional.layer_norm(x, shape, gamma, beta, epsilon)


@kernels.add
def rms_normalization(x: Tensor, scale: Tensor | None = None, axis: Axis = -1, epsilon: float | None = None) -> Tensor:
    shape = _normalized(x, axis, scale)
    if not shape:
        return default("rms_normalization", x, scale, axis, epsilon)  # type: ignore[no-any-return]
    return functional.rms_norm(x, shape, scale, config.epsilon() if epsilon is None else epsilon)
