"""Running sums and products."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, dtype_of, sizes
from dl_ops.backend import Kernels
from dl_ops.typing import DTypeLike

kernels = Kernels()


@kernels.add
def cumsum(x: Tensor, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    return _running(tf.cumsum, x, axis, dtype)


@kernels.add
def cumprod(x: Tensor, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    return _running(_cumprod, x, axis, dtype)


def _cumprod(x: Tensor, axis: int) -> Tensor:
    if not x.dtype.is_floating or x.shape[axis] is None:
        return tf.math.cumprod(x, axis)
    # TensorFlow's derivatives divide by the elements, and are wrong where there are zeros
    return _product_by_doubling(x, axis)


def _product_by_doubling(x: Tensor, axis: int) -> Tensor:
    """Running product in rounds: each multiplies by the product of as many elements before as are included so far."""
    size = x.shape[axis]
    rank = len(x.shape)
    distance = 1
    while distance < size:
        shape = [distance if i == axis % rank else n for i, n in enumerate(sizes(x))]
        earlier, _ = tf.split(x, [size - distance, distance], axis)
        x = x * tf.concat([tf.ones(shape, x.dtype), earlier], axis)
        distance *= 2
    return x


def _running(function: Any, x: Tensor, axis: int | None, dtype: DTypeLike | None) -> Tensor:
    x = x if dtype is None else tf.cast(x, dtype_of(dtype))
    return function(tf.reshape(x, [-1]), 0) if axis is None else function(x, axis)
