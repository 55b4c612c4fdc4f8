"""Elements picked by position."""

from __future__ import annotations

from typing import Any

import numpy as np
from openvino import opset15 as opset

from dl_backend_openvino.building import converted, known, like, numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.rules import broadcast_shapes, standardize_axis

kernels = Kernels()


def gather(data: Any, indices: Any, axis: int) -> Any:
    """Node of the slices of `data` along an axis at indices."""
    node = opset.gather(data, indices, numbers(axis))
    shape = node.get_output_partial_shape(0)
    if shape.is_static and 0 in shape.to_shape():
        # that node without any elements crashes the CPU plug-in of 2026.4
        return opset.constant(np.zeros(tuple(shape.to_shape())), node.get_element_type())
    return node


@kernels.add
def get_item(x: GraphTensor, key: tuple[Any, ...]) -> Any:
    taken = sum(entry is not None and entry is not Ellipsis for entry in key)
    rest = (slice(None),) * (x.ndim - taken)
    full = key if Ellipsis in key else (*key, Ellipsis)
    entries: list[Any] = [part for entry in full for part in (rest if entry is Ellipsis else (entry,))]
    parts = [entry for entry in entries if entry is not None]
    sliced = [(axis, part) for axis, part in enumerate(parts) if isinstance(part, slice) and part != slice(None)]
    node = x.node
    if sliced:
        starts, stops, steps = zip(*(_bounds(part, x.shape[axis]) for axis, part in sliced), strict=True)
        node = opset.slice(node, numbers(starts), numbers(stops), numbers(steps), numbers([a for a, _ in sliced]))
    for axis in reversed(range(len(parts))):
        if not isinstance(parts[axis], slice):
            node = gather(node, numbers(int(parts[axis])), axis)
    kept = [entry for entry in entries if entry is None or isinstance(entry, slice)]
    added = [i for i, entry in enumerate(kept) if entry is None]
    return opset.unsqueeze(node, numbers(added)) if added else node


def _bounds(part: slice, size: int | None) -> tuple[int, int, int]:
    if size is not None:
        start, stop, step = part.indices(size)
        # -1 would be the last element
        return start, stop if stop >= 0 else np.iinfo("int64").min, step
    step = 1 if part.step is None else int(part.step)
    ends = (0, np.iinfo("int64").max) if step > 0 else (-1, np.iinfo("int64").min)
    return (
        ends[0] if part.start is None else int(part.start),
        int(ends[1]) if part.stop is None else int(part.stop),
        step,
    )


@kernels.add
def take(x: GraphTensor, indices: GraphTensor, axis: int | None = None) -> Any:
    flat: Any = ops.reshape(x, (-1,)) if axis is None else x
    along = 0 if axis is None else standardize_axis(axis, x.ndim)
    return gather(flat.node, _indices(indices).node, along)


def _indices(indices: GraphTensor) -> GraphTensor:
    return indices if indices.dtype in ("int32", "int64") else converted(indices, "int32")


@kernels.add
def take_along_axis(x: GraphTensor, indices: GraphTensor, axis: int | None = None) -> Any:
    if axis is None:
        flat: list[Any] = [ops.reshape(y, (-1,)) for y in (x, indices)]
        return take_along_axis(flat[0], flat[1], 0)
    along = standardize_axis(axis, x.ndim)
    sizes = list(broadcast_shapes(*[(*y.shape[:along], 1, *y.shape[along + 1 :]) for y in (x, indices)]))
    indices = _indices(indices)
    # the node takes neither other sizes nor negative indices
    data, positions = (
        _broadcast(y, [y.shape[along] if i == along else size for i, size in enumerate(sizes)]) for y in (x, indices)
    )
    size = known(x.shape, "take_along_axis()")[along]
    positive = ops.where(positions < like(positions, 0), positions + like(positions, size), positions)
    # without elements the node crashes the CPU plug-in of 2026.4
    return (
        ops.zeros(positive.shape, x.dtype)
        if 0 in positive.shape
        else GraphTensor(opset.gather_elements(data.node, positive.node, along))
    )


def _broadcast(x: GraphTensor, shape: list[int | None]) -> Any:
    return x if x.shape == tuple(shape) else ops.broadcast_to(x, shape)
