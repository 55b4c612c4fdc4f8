"""Special functions."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_backend_tf.widening import widened
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def erf(x: Tensor) -> Tensor:
    return tf.raw_ops.Erf(x=x)


@kernels.add
def erfc(x: Tensor) -> Tensor:
    return tf.raw_ops.Erfc(x=x)


@kernels.add
@widened
def erfinv(x: Tensor) -> Tensor:
    return tf.raw_ops.Erfinv(x=x)
