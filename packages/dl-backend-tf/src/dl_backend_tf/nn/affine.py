"""Affine maps of several axes, by one product instead of reshapes around one, each of which is an op to call."""

from __future__ import annotations

from string import ascii_letters

import tensorflow as tf

from dl_backend_tf.numpy.contraction import einsum, matmul
from dl_backend_tf.tensors import Tensor
from dl_ops.backend import Kernels
from dl_ops.nn.affine import check_axes

kernels = Kernels()


@kernels.add
def affine(x: Tensor, kernel: Tensor, bias: Tensor, axes: int = 1) -> Tensor:
    check_axes(x, kernel, axes)
    if axes == 1 and len(kernel.shape) == 2:
        return tf.raw_ops.AddV2(x=matmul(x, kernel), y=bias)
    # named one by one: gradients of an ellipsis are many times slower
    free = len(x.shape) - axes
    before, letters = ascii_letters[:free], ascii_letters[free : free + len(kernel.shape)]
    summed, columns = letters[:axes], letters[axes:]
    return tf.raw_ops.AddV2(x=einsum(f"{before}{summed},{letters}->{before}{columns}", x, kernel), y=bias)
