"""Kernels of the ops in ``dl_ops.nn``."""

from dl_backend_jax.nn import activations, attention, conv, pooling, softmax
from dl_ops.backend import Kernels

kernels = Kernels(activations.kernels, attention.kernels, conv.kernels, pooling.kernels, softmax.kernels)
