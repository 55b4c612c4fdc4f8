"""The same elements in another shape or order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from openvino import opset15 as opset

from dl_backend_openvino.building import known, numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axes
from dl_ops.typing import Axis

kernels = Kernels()


@kernels.add
def reshape(x: GraphTensor, newshape: int | Sequence[int]) -> Any:
    return opset.reshape(x.node, numbers([newshape] if isinstance(newshape, int) else list(newshape)), False)


@kernels.add
def transpose(x: GraphTensor, axes: Sequence[int] | None = None) -> Any:
    order = range(x.ndim)[::-1] if axes is None else standardize_axes(axes, x.ndim)
    return opset.transpose(x.node, numbers(list(order)))


@kernels.add
def broadcast_to(x: GraphTensor, shape: Sequence[int]) -> Any:
    sizes = known(tuple(shape), "broadcast_to()")
    if 0 in sizes:
        return ops.zeros(sizes, x.dtype)
    # a target without dimensions crashes the CPU plug-in of 2026.4, as one without elements does
    return x if x.shape == sizes else opset.broadcast(x.node, numbers(sizes))


@kernels.add
def flip(x: GraphTensor, axis: Axis = None) -> Any:
    axes = standardize_axes(axis, x.ndim)
    if not axes:
        return x
    ones = np.ones(len(axes), "int64")
    # the end lies before the first element, and a plain -1 would be the last one
    return opset.slice(x.node, numbers(-ones), numbers(ones * np.iinfo("int64").min), numbers(-ones), numbers(axes))
