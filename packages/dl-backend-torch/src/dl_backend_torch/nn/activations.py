"""Activation functions that PyTorch has in one kernel each."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from dl_ops.backend import Kernels

kernels = Kernels(
    {
        "celu": functional.celu,
        "elu": functional.elu,
        "hard_silu": functional.hardswish,
        "log_sigmoid": functional.logsigmoid,
        "relu": torch.relu,
        "relu6": functional.relu6,
        "selu": torch.selu,
        "sigmoid": torch.sigmoid,
        "silu": functional.silu,
    }
)


@kernels.add
def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    return functional.leaky_relu(x, negative_slope)


@kernels.add
def gelu(x: Tensor, approximate: bool = True) -> Tensor:
    return functional.gelu(x, approximate="tanh" if approximate else "none")


@kernels.add
def softplus(x: Tensor) -> Tensor:
    # linear from 20 on by default, which is visible in float64
    return functional.softplus(x, threshold=40.0)
