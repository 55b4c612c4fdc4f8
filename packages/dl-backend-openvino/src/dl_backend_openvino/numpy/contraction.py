"""Products summed over axes."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.building import known
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def matmul(x1: GraphTensor, x2: GraphTensor) -> Any:
    product = GraphTensor(opset.matmul(x1.node, x2.node, False, False))
    # without elements the node may fail in the CPU plug-in of 2026.4
    empty = 0 in x1.shape or 0 in x2.shape
    return ops.zeros(known(product.shape, "matmul()"), product.dtype) if empty else product


@kernels.add
def einsum(subscripts: str, *operands: GraphTensor, **kwargs: Any) -> Any:
    return opset.einsum([x.node for x in operands], subscripts)
