"""Running sums and products."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.building import known, numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axis

kernels = Kernels()


def _operand(x: GraphTensor, axis: int | None, dtype: Any) -> tuple[Any, int]:
    y: Any = x if dtype is None else ops.cast(x, dtype)
    return (ops.reshape(y, (-1,)), 0) if axis is None else (y, standardize_axis(axis, x.ndim))


@kernels.add
def cumsum(x: GraphTensor, axis: int | None = None, dtype: Any = None) -> Any:
    y, along = _operand(x, axis, dtype)
    return opset.cum_sum(y.node, numbers(along))


@kernels.add
def cumprod(x: GraphTensor, axis: int | None = None, dtype: Any = None) -> Any:
    y, along = _operand(x, axis, dtype)
    size = known(y.shape, "cumprod()")[along]
    before = (slice(None),) * along
    distance = 1
    # each element times the one at a distance that doubles (Hillis and Steele, 1986): there is no node for it
    while distance < size:
        product = y[(*before, slice(distance, None))] * y[(*before, slice(None, -distance))]
        y = ops.concatenate([y[(*before, slice(None, distance))], product], axis=along)
        distance *= 2
    return y
