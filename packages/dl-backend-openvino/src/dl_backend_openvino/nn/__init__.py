"""Nodes for the ops in ``dl_ops.nn`` and ``dl_ops.math``."""

from dl_backend_openvino.nn import activations, conv, pooling
from dl_ops.backend import Kernels

kernels = Kernels(activations.kernels, conv.kernels, pooling.kernels)
