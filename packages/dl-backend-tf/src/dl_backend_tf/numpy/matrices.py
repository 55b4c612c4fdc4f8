"""Diagonals."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, sizes
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axis

kernels = Kernels()

# the defaults compute positions, for which they would need to know all sizes


@kernels.add
def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    rank = len(x.shape)
    ends = [standardize_axis(axis, rank) for axis in (axis1, axis2)]
    return _diagonal(tf.transpose(x, [*(i for i in range(rank) if i not in ends), *ends]), offset)


@kernels.add
def diag(x: Tensor, k: int = 0) -> Tensor:
    if len(x.shape) > 2:
        raise ValueError("TensorFlow makes a stack of matrices")
    return _diagonal(x, k) if len(x.shape) == 2 else tf.linalg.diag(x, k=k)


def _diagonal(x: Tensor, offset: int) -> Tensor:
    *batch, rows, columns = sizes(x)
    if (isinstance(rows, int) and offset <= -rows) or (isinstance(columns, int) and offset >= columns):
        # TensorFlow refuses one that has no elements
        return tf.zeros((*batch, 0), x.dtype)
    return tf.linalg.diag_part(x, k=offset)
