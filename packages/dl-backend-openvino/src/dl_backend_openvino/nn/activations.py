"""Activation functions, and the special functions that they are made of."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.building import natives
from dl_backend_openvino.tensors import GraphTensor

kernels = natives(
    {
        "erf": "erf",
        "hard_silu": "hswish",
        "relu": "relu",
        "sigmoid": "sigmoid",
        "softplus": "softplus",
    }
)


@kernels.add
def elu(x: GraphTensor, alpha: float = 1.0) -> Any:
    return opset.elu(x.node, alpha)


@kernels.add
def gelu(x: GraphTensor, approximate: bool = True) -> Any:
    return opset.gelu(x.node, "tanh" if approximate else "erf")
