"""Positions by condition."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.building import numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def nonzero(x: GraphTensor) -> Any:
    positions = opset.non_zero(x.node, "i32")
    return tuple(opset.gather(positions, numbers(axis), numbers(0)) for axis in range(x.ndim))
