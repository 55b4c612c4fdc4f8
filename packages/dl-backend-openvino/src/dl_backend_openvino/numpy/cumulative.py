"""Running sums and products."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.building import numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axis

kernels = Kernels()


@kernels.add
def cumsum(x: GraphTensor, axis: int | None = None, dtype: Any = None) -> Any:
    y: Any = x if dtype is None else ops.cast(x, dtype)
    if axis is None:
        y = ops.reshape(y, (-1,))
    return opset.cum_sum(y.node, numbers(standardize_axis(axis or 0, y.ndim)))
