"""Kernels of the ops in ``dl_ops.nn``."""

from dl_backend_tf.nn import activations, conv, encoding, pooling, softmax
from dl_ops.backend import Kernels

kernels = Kernels(activations.kernels, conv.kernels, encoding.kernels, pooling.kernels, softmax.kernels)
