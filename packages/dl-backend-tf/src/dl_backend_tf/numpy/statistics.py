"""Means."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, axes_of
from dl_ops.backend import Kernels
from dl_ops.typing import Axis

kernels = Kernels()


@kernels.add
def mean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    # 16-bit floats are summed in float32
    wide = tf.cast(x, tf.float32) if x.dtype.size == 2 else x
    return tf.cast(tf.reduce_mean(wide, axes_of(axis), keepdims), x.dtype)
