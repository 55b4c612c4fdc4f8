"""Kernels of the ops in ``dl_ops.nn``."""

from dl_backend_numpy.nn import activations, conv, losses, pooling, recurrence, softmax
from dl_ops.backend import Kernels

kernels = Kernels(
    activations.kernels, conv.kernels, losses.kernels, pooling.kernels, recurrence.kernels, softmax.kernels
)
