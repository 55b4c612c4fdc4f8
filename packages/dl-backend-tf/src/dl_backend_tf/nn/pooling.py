"""Poolings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import tensorflow as tf

from dl_backend_tf.nn.conv import _channels_first, _channels_last
from dl_backend_tf.tensors import Tensor, default_of
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
        return tf.cast(_pool("max_pool", tf.cast(inputs, tf.float64), pool_size, strides, padding, data_format), dtype)
    return _pool("max_pool", inputs, pool_size, strides, padding, data_format)


@kernels.add
def average_pool(
    inputs: Tensor,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    return _pool("average_pool", inputs, pool_size, strides, padding, data_format)


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {"max_pool": tf.nn.max_pool, "average_pool": tf.nn.avg_pool}


def _pool(name: str, inputs: Tensor, pool_size: Any, strides: Any, padding: str, data_format: str | None) -> Tensor:
    w = windows(inputs, pool_size, strides, padding, data_format)
    spatial = w.spatial(tuple(inputs.shape))
    # in three dimensions, TensorFlow has neither float64 nor float16 on CPUs; and its gradient is wrong for some
    # windows that are larger than the image
    if (len(w.size) == 3 and inputs.dtype in (tf.float64, tf.float16)) or any(
        size is not None and size < window for size, window in zip(spatial, w.size, strict=True)
    ):
        return default_of(name)(inputs, pool_size, strides, padding, data_format)
    # TensorFlow's kernels for CPUs want channels last
    images = inputs if w.channels_last else _channels_last(inputs)
    y = _FUNCTIONS[name](images, w.size, w.strides, "SAME" if w.same else "VALID")
    return y if w.channels_last else _channels_first(y)
