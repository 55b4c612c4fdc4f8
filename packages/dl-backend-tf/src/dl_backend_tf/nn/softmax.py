"""Softmax."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of
from dl_ops.backend import Kernels
from dl_ops.typing import Axis

kernels = Kernels()


@kernels.add
def softmax(x: Tensor, axis: Axis = -1) -> Tensor:
    return tf.nn.softmax(x, axis) if isinstance(axis, int) else default_of("softmax")(x, axis)


@kernels.add
def log_softmax(x: Tensor, axis: Axis = -1) -> Tensor:
    return tf.nn.log_softmax(x, axis) if isinstance(axis, int) else default_of("log_softmax")(x, axis)
