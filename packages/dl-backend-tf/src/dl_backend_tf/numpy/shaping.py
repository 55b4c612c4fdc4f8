"""Shapes and order of axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, axes_of, sizes
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axis
from dl_ops.typing import Axis, ShapeLike

kernels = Kernels()


@kernels.add
def reshape(x: Tensor, newshape: ShapeLike) -> Tensor:
    dims: list[Any] = [newshape] if isinstance(newshape, int) else list(newshape)
    if None in dims:
        # one unknown size follows from the others; of more, those are taken from x that stand in the same place
        own = sizes(x) if dims.count(None) > 1 else []
        if own and x.shape.as_list().count(None) < dims.count(None):
            raise ValueError(f"reshape(newshape={newshape}): the sizes of shape {x.shape} do not tell which these are")
        dims = [
            (own[i] if i < len(own) and dims[:i].count(None) < dims.count(None) - 1 else -1) if size is None else size
            for i, size in enumerate(dims)
        ]
    return tf.reshape(x, dims)


@kernels.add
def transpose(x: Tensor, axes: Sequence[int] | None = None) -> Tensor:
    # TensorFlow goes along with negative axes, and its gradient does not
    return tf.transpose(x, axes if axes is None else [axis % len(x.shape) for axis in axes])


@kernels.add
def broadcast_to(x: Tensor, shape: ShapeLike) -> Tensor:
    dims: list[Any] = [shape] if isinstance(shape, int) else list(shape)
    if None in dims:
        own = [1] * (len(dims) - len(x.shape)) + sizes(x)
        dims = [own[i] if size is None else size for i, size in enumerate(dims)]
    return tf.broadcast_to(x, dims)


# the defaults reshape, for which they would need to know all sizes


@kernels.add
def squeeze(x: Tensor, axis: Axis = None) -> Tensor:
    return tf.squeeze(x, axes_of(axis))


@kernels.add
def expand_dims(x: Tensor, axis: int | Sequence[int]) -> Tensor:
    axes = [axis] if isinstance(axis, int) else list(axis)
    rank = len(x.shape) + len(axes)
    for position in sorted(standardize_axis(a, rank) for a in axes):
        x = tf.expand_dims(x, position)
    return x
