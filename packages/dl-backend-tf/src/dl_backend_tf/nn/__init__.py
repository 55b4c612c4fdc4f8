"""Kernels of the ops in ``dl_ops.nn``."""

from dl_backend_tf.nn import activations, affine, blocks, conv, encoding, pooling, recurrence, softmax
from dl_ops.backend import Kernels

_MODULES = (activations, affine, blocks, conv, encoding, pooling, recurrence, softmax)

kernels = Kernels(*[module.kernels for module in _MODULES])
