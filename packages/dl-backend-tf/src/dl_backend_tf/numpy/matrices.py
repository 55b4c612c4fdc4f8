"""Diagonals."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axis

kernels = Kernels()

# the defaults compute positions, for which they would need to know all sizes


@kernels.add
def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    rank = len(x.shape)
    ends = [standardize_axis(axis, rank) for axis in (axis1, axis2)]
    return tf.linalg.diag_part(tf.transpose(x, [*(i for i in range(rank) if i not in ends), *ends]), k=offset)


@kernels.add
def diag(x: Tensor, k: int = 0) -> Tensor:
    return tf.linalg.diag_part(x, k=k) if len(x.shape) == 2 else tf.linalg.diag(x, k=k)
