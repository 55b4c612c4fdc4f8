"""Order and rank."""

from __future__ import annotations

from typing import Any

import numpy as np
from openvino import opset15 as opset

from dl_backend_openvino.building import converted, known, like, numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.dtypes import is_float
from dl_ops.rules import standardize_axis

kernels = Kernels()


@kernels.add
def sort(x: GraphTensor, axis: int | None = -1) -> Any:
    flat, along = _line(x, axis)
    if 0 in flat.shape:
        return flat
    if not is_float(x.dtype):
        ordered = GraphTensor(_sorted(_numeric(flat).node, along, "sort()").output(0))
        # the node's result does not take a conversion to bool
        return ops.not_equal(ordered, 0) if x.dtype == "bool" else ordered
    return opset.gather_elements(flat.node, _order(flat, along), along)


@kernels.add
def argsort(x: GraphTensor, axis: int | None = -1) -> Any:
    flat, along = _line(x, axis)
    # without elements the nodes crash the CPU plug-in of 2026.4
    return ops.zeros(flat.shape, "int32") if 0 in flat.shape else _order(flat, along)


def _line(x: GraphTensor, axis: int | None) -> tuple[Any, int]:
    return (ops.reshape(x, (-1,)), 0) if axis is None else (x, standardize_axis(axis, x.ndim))


def _numeric(x: GraphTensor) -> GraphTensor:
    return converted(x, "uint8") if x.dtype == "bool" else x


def _sorted(node: Any, along: int, what: str) -> Any:
    count = known(GraphTensor(node).shape, what)[along]
    return opset.topk(node, numbers(count), along, "min", "value", "i32", stable=True)


def _order(x: GraphTensor, along: int) -> Any:
    if not is_float(x.dtype):
        return _sorted(_numeric(x).node, along, "argsort()").output(1)
    # the node leaves NaN anywhere: as infinities they come last, and then once more after the others
    nan = opset.is_nan(x.node)
    first = _sorted(opset.select(nan, like(x, np.inf).node, x.node), along, "argsort()").output(1)
    last = opset.gather_elements(opset.convert(nan, "i32"), first, along)
    return opset.gather_elements(first, _sorted(last, along, "argsort()").output(1), along)
