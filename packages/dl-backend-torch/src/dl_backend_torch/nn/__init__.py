"""Kernels of the ops in ``dl_ops.nn``."""

from dl_backend_torch.nn import activations, attention, conv, losses, normalization, pooling, softmax
from dl_ops.backend import Kernels

_MODULES = (activations, attention, conv, losses, normalization, pooling, softmax)

kernels = Kernels(*[module.kernels for module in _MODULES])
