"""Tensors of given values."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, dtype_of
from dl_ops.backend import Kernels
from dl_ops.typing import DTypeLike, ShapeLike

kernels = Kernels()


@kernels.add
def full(shape: ShapeLike, fill_value: Tensor, dtype: DTypeLike | None = None) -> Tensor:
    value = tf.cast(fill_value, dtype_of(dtype))
    dims = [shape] if isinstance(shape, int) else list(shape)
    return tf.fill(dims, value) if len(value.shape) == 0 else tf.broadcast_to(value, dims)


# those that are like another tensor work also where its shape is not known yet


@kernels.add
def full_like(x: Tensor, fill_value: Tensor, dtype: DTypeLike | None = None) -> Tensor:
    value = tf.cast(fill_value, x.dtype if dtype is None else dtype_of(dtype))
    return tf.broadcast_to(value, tf.shape(x))


@kernels.add
def zeros_like(x: Tensor, dtype: DTypeLike | None = None) -> Tensor:
    return tf.zeros_like(x, x.dtype if dtype is None else dtype_of(dtype))


@kernels.add
def ones_like(x: Tensor, dtype: DTypeLike | None = None) -> Tensor:
    return tf.ones_like(x, x.dtype if dtype is None else dtype_of(dtype))


kernels.register("empty_like", zeros_like)
