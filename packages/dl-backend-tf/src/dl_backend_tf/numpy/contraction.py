"""Products that sum over axes."""

from __future__ import annotations

from string import ascii_letters
from typing import Any, Final

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_ops.backend import Kernels

kernels = Kernels()

# the integers that TensorFlow multiplies matrices of
_MULTIPLIED: Final = frozenset({tf.int32, tf.int64})

_AS_THEY_ARE: Final = frozenset(f"{ascii_letters},->")
"""What equations consist of in which no axes are left to be found out."""


@kernels.add
def matmul(x1: Tensor, x2: Tensor) -> Tensor:
    dtype = x1.dtype
    if not (dtype.is_floating or dtype.is_complex) and dtype not in _MULTIPLIED:
        return tf.cast(matmul(tf.cast(x1, tf.int64), tf.cast(x2, tf.int64)), dtype)
    left, right = len(x1.shape), len(x2.shape)
    if left == right == 2:
        return tf.raw_ops.MatMul(a=x1, b=x2)
    if left > 1 and right > 1:
        return tf.raw_ops.BatchMatMulV2(x=x1, y=x2)
    # a vector is a row on the left and a column on the right
    y = tf.matmul(x1[None] if left == 1 else x1, x2[:, None] if right == 1 else x2)
    return tf.squeeze(y, [axis for axis, rank in ((-2, left), (-1, right)) if rank == 1])


@kernels.add
def einsum(subscripts: str, *operands: Tensor, **kwargs: Any) -> Tensor:
    dtype = operands[0].dtype
    if not (dtype.is_floating or dtype.is_complex) and dtype not in _MULTIPLIED:
        return tf.cast(einsum(subscripts, *(tf.cast(x, tf.int64) for x in operands), **kwargs), dtype)
    if len(operands) == 2 and not kwargs and "->" in subscripts and _AS_THEY_ARE.issuperset(subscripts):
        # `tf.einsum` would parse the equation, and in the end call the same
        return tf.raw_ops.Einsum(inputs=operands, equation=subscripts)
    return tf.einsum(subscripts, *operands, **kwargs)
