"""Kernels of the ops in ``dl_ops.nn``."""

from dl_backend_torch.nn import (
    activations,
    adaptive_pooling,
    affine,
    attention,
    conv,
    ctc,
    losses,
    normalization,
    patches,
    pooling,
    recurrence,
    softmax,
)
from dl_ops.backend import Kernels

_MODULES = (
    activations,
    adaptive_pooling,
    affine,
    attention,
    conv,
    ctc,
    losses,
    normalization,
    patches,
    pooling,
    recurrence,
    softmax,
)

kernels = Kernels(*[module.kernels for module in _MODULES])
