"""Kernels of the ops in ``dl_ops.nn``."""

from dl_backend_numpy.nn import (
    activations,
    affine,
    attention,
    conv,
    losses,
    normalization,
    pooling,
    recurrence,
    softmax,
)
from dl_ops.backend import Kernels

_MODULES = (activations, affine, attention, conv, losses, normalization, pooling, recurrence, softmax)

kernels = Kernels(*[module.kernels for module in _MODULES])
