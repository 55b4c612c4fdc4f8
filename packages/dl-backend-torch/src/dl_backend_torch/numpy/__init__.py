"""Kernels of the ops in ``dl_ops.numpy``."""

from dl_backend_torch.numpy import (
    arithmetic,
    comparison,
    contraction,
    creation,
    cumulative,
    exponents,
    indexing,
    joining,
    limits,
    logic,
    matrices,
    ranges,
    reductions,
    reordering,
    rounding,
    selection,
    shaping,
    sorting,
    statistics,
    trigonometry,
)
from dl_ops.backend import Kernels

_MODULES = (
    *(arithmetic, comparison, contraction, creation, cumulative, exponents, indexing, joining, limits, logic),
    *(matrices, ranges, reductions, reordering, rounding, selection, shaping, sorting, statistics, trigonometry),
)

kernels = Kernels(*[module.kernels for module in _MODULES])
