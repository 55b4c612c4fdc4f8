"""Reading and changing parts of a tensor at computed positions."""

from __future__ import annotations

from typing import Final

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, sizes
from dl_ops.backend import Kernels
from dl_ops.typing import ShapeLike

kernels = Kernels()

_SCATTERS: Final = {
    None: tf.tensor_scatter_nd_update,
    "add": tf.tensor_scatter_nd_add,
    "max": tf.tensor_scatter_nd_max,
    "min": tf.tensor_scatter_nd_min,
}


@kernels.add
def scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor, reduction: str | None = None) -> Tensor:
    if inputs.dtype.is_bool and reduction is not None:
        wide = [tf.cast(x, tf.int32) for x in (inputs, updates)]
        return tf.cast(scatter_update(wide[0], indices, wide[1], reduction), tf.bool)
    if 0 in inputs.shape:
        # there is nothing to change, which TensorFlow takes for a mistake
        return inputs
    own = sizes(inputs)
    depth = indices.shape[-1]
    shape = tf.stack([tf.cast(size, indices.dtype) for size in own[:depth]]) if depth else tf.zeros(0, indices.dtype)
    # TensorFlow knows no negative indices
    indices = tf.where(indices < 0, indices + shape, indices)
    if reduction != "mul":
        return _SCATTERS[reduction](inputs, indices, updates)
    # TensorFlow has no such scatter: the product of the updates of each position first
    strides = tf.math.cumprod(shape, exclusive=True, reverse=True)
    count = tf.reduce_prod(shape)
    products = tf.math.unsorted_segment_prod(
        tf.reshape(updates, tf.concat([[-1], tf.shape(updates)[len(indices.shape) - 1 :]], 0)),
        tf.reshape(tf.reduce_sum(indices * strides, -1), [-1]),
        count,
    )
    return inputs * tf.reshape(products, tf.shape(inputs))


@kernels.add
def slice(inputs: Tensor, start_indices: Tensor, shape: ShapeLike) -> Tensor:
    if not inputs.shape.rank:
        return inputs
    dims = [shape] if isinstance(shape, int) else list(shape)
    return tf.slice(inputs, start_indices, [-1 if size is None else size for size in dims])


@kernels.add
def slice_update(inputs: Tensor, start_indices: Tensor, updates: Tensor) -> Tensor:
    if not inputs.shape.rank:
        return updates
    return tf.tensor_scatter_nd_update(inputs, _positions(start_indices, updates), updates)


def _positions(start: Tensor, updates: Tensor) -> Tensor:
    """Index of every element of `updates` in the tensor that it goes into."""
    axes = [tf.cast(tf.range(size), start.dtype) for size in sizes(updates)]
    return tf.stack(tf.meshgrid(*axes, indexing="ij"), -1) + start
