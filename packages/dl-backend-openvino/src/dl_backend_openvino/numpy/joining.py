"""Tensors put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.building import numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.rules import standardize_axis

kernels = Kernels()


@kernels.add
def concatenate(xs: Sequence[GraphTensor], axis: int | None = 0) -> Any:
    if axis is None:
        flat: list[Any] = [ops.reshape(x, (-1,)) for x in xs]
        return opset.concat([x.node for x in flat], 0)
    return opset.concat([x.node for x in xs], standardize_axis(axis, xs[0].ndim))


@kernels.add
def stack(x: Sequence[GraphTensor], axis: int = 0) -> Any:
    position = standardize_axis(axis, x[0].ndim + 1)
    # CPUs join in place, and a convolution of what is joined may then overwrite it: a maximum has a place of its own
    copies = [
        opset.maximum(item.node, item.node) if is_float(standardize_dtype(item.dtype)) else item.node for item in x
    ]
    return opset.concat([opset.unsqueeze(copy, numbers([position])) for copy in copies], position)
