"""The same elements in another shape or order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from openvino import opset15 as opset

from dl_backend_openvino.building import converted, known, numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype
from dl_ops.rules import standardize_axes
from dl_ops.typing import Axis

kernels = Kernels()


@kernels.add
def reshape(x: GraphTensor, newshape: int | Sequence[int | None]) -> Any:
    sizes: list[int | None] = [newshape] if isinstance(newshape, int) else list(newshape)
    if None not in sizes:
        return opset.reshape(x.node, numbers(sizes), False)
    if x.shape.count(None) < sizes.count(None):
        raise ValueError(f"reshape(newshape={newshape}): the sizes of shape {x.shape} do not tell which these are")
    if -1 not in sizes:
        sizes[len(sizes) - 1 - sizes[::-1].index(None)] = -1
    # one unknown size follows from the others; 0 takes further ones from where they stand in x
    if None in sizes and 0 in sizes:
        raise ValueError(f"reshape(newshape={newshape}): a size of 0 and several unknown ones")
    return opset.reshape(x.node, numbers([0 if size is None else size for size in sizes]), None in sizes)


@kernels.add
def transpose(x: GraphTensor, axes: Sequence[int] | None = None) -> Any:
    order = range(x.ndim)[::-1] if axes is None else standardize_axes(axes, x.ndim)
    return opset.transpose(x.node, numbers(list(order)))


@kernels.add
def broadcast_to(x: GraphTensor, shape: Sequence[int | None]) -> Any:
    if None in shape:
        # those that are not known are the ones that x has
        return opset.broadcast(x.node, numbers([size or 1 for size in shape]), broadcast_spec="BIDIRECTIONAL")
    sizes = known(tuple(shape), "broadcast_to()")
    if 0 in sizes:
        return ops.zeros(sizes, x.dtype)
    # a target without dimensions crashes the CPU plug-in of 2026.4, as one without elements does
    return x if x.shape == sizes else opset.broadcast(x.node, numbers(sizes))


@kernels.add
def ones_like(x: GraphTensor, dtype: Any = None) -> Any:
    return _filled(1, x, dtype)


@kernels.add
def zeros_like(x: GraphTensor, dtype: Any = None) -> Any:
    return _filled(0, x, dtype)


def _filled(value: int, x: GraphTensor, dtype: Any) -> Any:
    """A number as often as `x` has elements, which may not be known yet."""
    name = x.dtype if dtype is None else standardize_dtype(dtype)
    if None not in x.shape:
        return ops.full(x.shape, value, name)
    return opset.broadcast(converted(GraphTensor(numbers(value)), name).node, opset.shape_of(x.node))


@kernels.add
def flip(x: GraphTensor, axis: Axis = None) -> Any:
    axes = standardize_axes(axis, x.ndim)
    if not axes:
        return x
    ones = np.ones(len(axes), "int64")
    # the end lies before the first element, and a plain -1 would be the last one
    return opset.slice(x.node, numbers(-ones), numbers(ones * np.iinfo("int64").min), numbers(-ones), numbers(axes))
