"""Kernels of the ops in ``dl_ops.numpy``."""

from dl_backend_torch.numpy import (
    arithmetic,
    bitwise,
    comparison,
    complex_numbers,
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
    representation,
    rounding,
    selection,
    shaping,
    sorting,
    special,
    statistics,
    trigonometry,
)
from dl_ops.backend import Kernels

_MODULES = (
    *(bitwise, complex_numbers, representation, special),
    *(arithmetic, comparison, contraction, creation, cumulative, exponents, indexing, joining, limits, logic),
    *(matrices, ranges, reductions, reordering, rounding, selection, shaping, sorting, statistics, trigonometry),
)

kernels = Kernels(*[module.kernels for module in _MODULES])
