"""Sorting and searching."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def sort(x: Tensor, axis: int | None = -1) -> Tensor:
    if x.dtype.is_bool:
        return tf.cast(sort(tf.cast(x, tf.int32), axis), tf.bool)
    return tf.sort(tf.reshape(x, [-1]) if axis is None else x, 0 if axis is None else axis)


@kernels.add
def argsort(x: Tensor, axis: int | None = -1) -> Tensor:
    x = tf.cast(x, tf.int32) if x.dtype.is_bool else x
    return tf.argsort(tf.reshape(x, [-1]) if axis is None else x, 0 if axis is None else axis, stable=True)


@kernels.add
def searchsorted(sorted_sequence: Tensor, values: Tensor, side: str = "left") -> Tensor:
    return tf.reshape(tf.searchsorted(sorted_sequence, tf.reshape(values, [-1]), side), tf.shape(values))


@kernels.add
def top_k(x: Tensor, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    if x.dtype.is_bool:
        values, indices = tf.math.top_k(tf.cast(x, tf.int32), k, sorted)
        return tf.cast(values, tf.bool), indices
    values, indices = tf.math.top_k(x, k, sorted)
    return values, indices
