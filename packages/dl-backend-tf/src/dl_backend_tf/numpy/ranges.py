"""Ranges of numbers."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, tf_dtype
from dl_ops.backend import Kernels
from dl_ops.numpy.ranges import arange_dtype
from dl_ops.typing import DTypeLike

kernels = Kernels()


@kernels.add
def arange(start: Any, stop: Any = None, step: Any = None, dtype: DTypeLike | None = None) -> Tensor:
    wanted = tf_dtype(arange_dtype(start, stop, step, dtype))
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    if any(isinstance(x, float) for x in (start, stop, step)):
        return tf.cast(tf.range(start, stop, step, dtype=tf.float64), wanted)
    return tf.cast(tf.range(start, stop, step), wanted)


@kernels.add
def meshgrid(*x: Tensor, indexing: str = "xy") -> list[Tensor]:
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid(indexing={indexing!r}): expected 'xy' or 'ij'")
    return tf.meshgrid(*(tf.reshape(item, [-1]) for item in x), indexing=indexing)  # type: ignore[no-any-return]
