"""Running sums and products."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, dtype_of
from dl_ops.backend import Kernels
from dl_ops.typing import DTypeLike

kernels = Kernels()


@kernels.add
def cumsum(x: Tensor, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    return _running(tf.cumsum, x, axis, dtype)


@kernels.add
def cumprod(x: Tensor, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    return _running(tf.math.cumprod, x, axis, dtype)


def _running(function: Any, x: Tensor, axis: int | None, dtype: DTypeLike | None) -> Tensor:
    x = x if dtype is None else tf.cast(x, dtype_of(dtype))
    return function(tf.reshape(x, [-1]), 0) if axis is None else function(x, axis)
