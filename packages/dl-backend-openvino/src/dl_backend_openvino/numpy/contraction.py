"""Products summed over axes."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.tensors import GraphTensor
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def matmul(x1: GraphTensor, x2: GraphTensor) -> Any:
    return opset.matmul(x1.node, x2.node, False, False)


@kernels.add
def einsum(subscripts: str, *operands: GraphTensor, **kwargs: Any) -> Any:
    return opset.einsum([x.node for x in operands], subscripts)
