"""Kernels of the ops in ``dl_ops.numpy``."""

from dl_backend_torch.numpy import (
    arithmetic,
    comparison,
    contraction,
    creation,
    exponents,
    indexing,
    joining,
    limits,
    reductions,
    reordering,
    rounding,
    shaping,
    sorting,
    trigonometry,
)
from dl_ops.backend import Kernels

_MODULES = (
    *(arithmetic, comparison, contraction, creation, exponents, indexing, joining),
    *(limits, reductions, reordering, rounding, shaping, sorting, trigonometry),
)

kernels = Kernels(*[module.kernels for module in _MODULES])
