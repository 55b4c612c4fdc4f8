"""Activations."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def sigmoid(x: Tensor) -> Tensor:
    return tf.raw_ops.Sigmoid(x=x)


@kernels.add
def softplus(x: Tensor) -> Tensor:
    return tf.raw_ops.Softplus(features=x)


# one op instead of several in eager calls, and a gradient that needs the result alone


@kernels.add
def relu(x: Tensor) -> Tensor:
    return tf.cast(tf.nn.relu(tf.cast(x, tf.int32)), tf.bool) if x.dtype.is_bool else tf.nn.relu(x)


@kernels.add
def relu6(x: Tensor) -> Tensor:
    return tf.raw_ops.Relu6(features=x)


@kernels.add
def selu(x: Tensor) -> Tensor:
    return tf.raw_ops.Selu(features=x)


@kernels.add
def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    if x.dtype == tf.float64:
        # the slope of TensorFlow's own has 32 bits
        return default_of("leaky_relu")(x, negative_slope)
    return tf.raw_ops.LeakyRelu(features=x, alpha=negative_slope)


@kernels.add
def silu(x: Tensor) -> Tensor:
    return tf.nn.silu(x)
