"""Kernels of the ops in ``dl_ops.nn``."""

from dl_backend_tf.nn import activations, blocks, conv, encoding, pooling, recurrence, softmax
from dl_ops.backend import Kernels

kernels = Kernels(*[module.kernels for module in (activations, blocks, conv, encoding, pooling, recurrence, softmax)])
