"""Poolings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from dl_backend_tf.nn.conv import _channels_first, _channels_last
from dl_backend_tf.tensors import Tensor
from dl_ops.backend import Kernels
from dl_ops.nn.windows import windows

kernels = Kernels()


@kernels.add
def max_pool(
    inputs: Tensor,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    # its kernels for CPUs take floats and 32-bit integers
    dtype = inputs.dtype
    if not dtype.is_floating:
        pooled = _pool(tf.nn.max_pool, tf.cast(inputs, tf.float64), pool_size, strides, padding, data_format)
        return tf.cast(pooled, dtype)
    return _pool(tf.nn.max_pool, inputs, pool_size, strides, padding, data_format)


@kernels.add
def average_pool(
    inputs: Tensor,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    return _pool(tf.nn.avg_pool, inputs, pool_size, strides, padding, data_format)


def _pool(
    function: Callable[..., Any], inputs: Tensor, pool_size: Any, strides: Any, padding: str, data_format: str | None
) -> Tensor:
    w = windows(inputs, pool_size, strides, padding, data_format)
    # TensorFlow's kernels for CPUs want channels last
    images = inputs if w.channels_last else _channels_last(inputs)
    y = function(images, w.size, w.strides, "SAME" if w.same else "VALID")
    return y if w.channels_last else _channels_first(y)
