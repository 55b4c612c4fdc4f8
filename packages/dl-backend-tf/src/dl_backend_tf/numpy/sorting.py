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
    if axis is None:
        x, axis = tf.reshape(x, [-1]), 0
    if not x.dtype.is_floating:
        return tf.sort(x, axis)
    # TensorFlow puts NaN anywhere
    unordered = tf.math.is_nan(x)

    def nan_last() -> Tensor:
        y = tf.sort(_without_nan(x, unordered), axis)
        return tf.where(tf.sort(tf.cast(unordered, tf.int32), axis) > 0, tf.constant(float("nan"), x.dtype), y)

    return tf.cond(tf.reduce_any(unordered), nan_last, lambda: tf.sort(x, axis))


def _without_nan(x: Tensor, unordered: Tensor) -> Tensor:
    return tf.where(unordered, tf.constant(float("inf"), x.dtype), x)


@kernels.add
def argsort(x: Tensor, axis: int | None = -1) -> Tensor:
    x = tf.cast(x, tf.int32) if x.dtype.is_bool else x
    x = _without_nan(x, tf.math.is_nan(x)) if x.dtype.is_floating else x
    return tf.argsort(tf.reshape(x, [-1]) if axis is None else x, 0 if axis is None else axis, stable=True)


@kernels.add
def searchsorted(sorted_sequence: Tensor, values: Tensor, side: str = "left") -> Tensor:
    if values.dtype.is_bool:
        sorted_sequence, values = tf.cast(sorted_sequence, tf.int32), tf.cast(values, tf.int32)
    flat = tf.reshape(values, [-1])
    found = tf.searchsorted(sorted_sequence, flat, side)
    if values.dtype.is_floating:
        # NaN comes after all numbers; to TensorFlow it is neither above nor below
        found = tf.where(tf.math.is_nan(flat), tf.size(sorted_sequence), found)
    return tf.reshape(found, tf.shape(values))


@kernels.add
def top_k(x: Tensor, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    if x.dtype.is_bool:
        values, indices = tf.math.top_k(tf.cast(x, tf.int32), k, sorted)
        return tf.cast(values, tf.bool), indices
    values, indices = tf.math.top_k(_without_nan(x, tf.math.is_nan(x)) if x.dtype.is_floating else x, k, sorted)
    return tf.gather(x, indices, batch_dims=len(x.shape) - 1) if x.dtype.is_floating else values, indices
