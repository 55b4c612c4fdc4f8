"""Order and rank."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.building import converted, known, numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axis

kernels = Kernels()


def _sorted(x: GraphTensor, axis: int | None) -> Any:
    flat: Any = ops.reshape(x, (-1,)) if axis is None else x
    along = 0 if axis is None else standardize_axis(axis, x.ndim)
    count = known(flat.shape, "sort()")[along]
    numeric = converted(flat, "uint8") if x.dtype == "bool" else flat
    return opset.topk(numeric.node, numbers(count), along, "min", "value", "i32", stable=True)


@kernels.add
def sort(x: GraphTensor, axis: int | None = -1) -> Any:
    return converted(GraphTensor(_sorted(x, axis).output(0)), x.dtype)


@kernels.add
def argsort(x: GraphTensor, axis: int | None = -1) -> Any:
    return _sorted(x, axis).output(1)


@kernels.add
def searchsorted(sorted_sequence: GraphTensor, values: GraphTensor, side: str = "left") -> Any:
    return opset.convert(opset.search_sorted(sorted_sequence.node, values.node, side == "right"), "i32")
