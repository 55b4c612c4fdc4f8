"""Choosing elements by condition."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def where(condition: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    return tf.raw_ops.SelectV2(condition=condition, t=x1, e=x2)


@kernels.add
def nonzero(x: Tensor) -> tuple[Tensor, ...]:
    # TensorFlow does not look for numbers of 16 bits
    places = tf.where(x if x.dtype.is_bool else tf.not_equal(x, tf.zeros((), x.dtype)))
    return tuple(tf.unstack(tf.cast(places, tf.int32), num=len(x.shape), axis=1))
