"""Nodes for the ops in ``dl_ops.linalg``."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def inv(x: GraphTensor) -> Any:
    # the nodes would end the process at matrices of no size, here and below
    return x if 0 in x.shape else opset.inverse(x.node, False)


@kernels.add
def solve(a: GraphTensor, b: GraphTensor) -> Any:
    if 0 in (*a.shape, *b.shape):
        return b
    vector = b.ndim == a.ndim - 1
    x = ops.matmul(ops.inv(a), ops.expand_dims(b, -1) if vector else b)
    return ops.squeeze(x, -1) if vector else x
