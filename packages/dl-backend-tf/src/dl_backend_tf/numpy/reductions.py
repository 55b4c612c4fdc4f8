"""Reductions."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, axes_of, dtype_of
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axes
from dl_ops.typing import Axis, DTypeLike

kernels = Kernels()


@kernels.add
def sum(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return tf.reduce_sum(x, axes_of(axis), keepdims)


@kernels.add
def prod(x: Tensor, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike | None = None) -> Tensor:
    return tf.reduce_prod(x if dtype is None else tf.cast(x, dtype_of(dtype)), axes_of(axis), keepdims)


@kernels.add
def max(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Tensor:
    return _extreme(tf.reduce_max, tf.maximum, x, axis, keepdims, initial)


@kernels.add
def min(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Tensor:
    return _extreme(tf.reduce_min, tf.minimum, x, axis, keepdims, initial)


def _extreme(reduce: Any, of_two: Any, x: Tensor, axis: Axis, keepdims: bool, initial: float | None) -> Tensor:
    if x.dtype.is_bool:
        return tf.cast(_extreme(reduce, of_two, tf.cast(x, tf.int32), axis, keepdims, initial), tf.bool)
    if initial is None:
        _some(x, axis)
    y = reduce(x, axes_of(axis), keepdims)
    return y if initial is None else of_two(y, tf.cast(initial, x.dtype))


@kernels.add
def any(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return tf.reduce_any(x, axes_of(axis), keepdims)


@kernels.add
def all(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return tf.reduce_all(x, axes_of(axis), keepdims)


@kernels.add
def argmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    return _position(tf.argmax, x, axis, keepdims)


@kernels.add
def argmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    return _position(tf.argmin, x, axis, keepdims)


def _position(function: Any, x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    _some(x, axis)
    values = tf.cast(x, tf.int32) if x.dtype.is_bool else x
    if axis is not None:
        y = _first(function, values, axis)
        return tf.expand_dims(y, axis) if keepdims else y
    y = _first(function, tf.reshape(values, [-1]), 0)
    return tf.reshape(y, [1] * len(x.shape)) if keepdims else y


def _first(function: Any, x: Tensor, axis: int) -> Tensor:
    y = function(x, axis, tf.int32)
    if not x.dtype.is_floating:
        return y
    # TensorFlow passes over NaN
    unordered = tf.math.is_nan(x)
    return tf.where(tf.reduce_any(unordered, axis), tf.argmax(tf.cast(unordered, tf.int8), axis, tf.int32), y)


def _some(x: Tensor, axis: Axis) -> None:
    """Raise a ``ValueError``, which the op's rule explains, for the extremum of nothing."""
    if 0 in x.shape and 0 in [x.shape[i] for i in standardize_axes(axis, len(x.shape))]:
        raise ValueError("no elements")
