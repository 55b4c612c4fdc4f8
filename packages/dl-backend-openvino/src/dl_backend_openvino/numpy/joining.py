"""Tensors put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axis

kernels = Kernels()


@kernels.add
def concatenate(xs: Sequence[GraphTensor], axis: int | None = 0) -> Any:
    if axis is None:
        flat: list[Any] = [ops.reshape(x, (-1,)) for x in xs]
        return opset.concat([x.node for x in flat], 0)
    return opset.concat([x.node for x in xs], standardize_axis(axis, xs[0].ndim))
