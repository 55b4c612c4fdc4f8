"""Changes at positions that are tensors themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from openvino import opset15 as opset

from dl_backend_openvino.building import converted, known, like, numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels

kernels = Kernels()

_REDUCTIONS = {None: "none", "add": "sum", "max": "max", "min": "min", "mul": "prod"}


@kernels.add
def scatter_update(
    inputs: GraphTensor, indices: GraphTensor, updates: GraphTensor, reduction: str | None = None
) -> Any:
    sizes = numbers(known(inputs.shape, "scatter_update()")[: indices.shape[-1]], "int32")
    positions = converted(indices, "int32")
    positive = ops.where(positions < like(positions, 0), positions + GraphTensor(sizes), positions)
    node: Any = positive
    return opset.scatter_nd_update(inputs.node, node.node, updates.node, _REDUCTIONS[reduction])


@kernels.add
def slice(inputs: GraphTensor, start_indices: GraphTensor, shape: int | Sequence[int]) -> Any:
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    starts = converted(start_indices, "int64").node
    rank = len(sizes)
    part = opset.slice(
        inputs.node, starts, opset.add(starts, numbers(sizes)), numbers(np.ones(rank)), numbers(range(rank))
    )
    # the sizes are not seen from starts that are computed
    return opset.reshape(part, numbers(sizes), False)
