"""Putting tensors together and taking them apart."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def concatenate(xs: Sequence[Tensor], axis: int = 0) -> Tensor:
    return tf.concat(xs, axis)


@kernels.add
def stack(x: Sequence[Tensor], axis: int = 0) -> Tensor:
    return tf.stack(x, axis)
