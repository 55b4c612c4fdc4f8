"""Kernels of the ops in ``dl_ops.numpy``.

NumPy's functions return its scalars (`numpy.generic`) for arrays without dimensions. They are passed on as they are:
dispatch takes them for arrays of whichever backend is active, and wrapping them would cost every call.
"""

from dl_backend_numpy.numpy import (
    arithmetic,
    bitwise,
    comparison,
    complex_numbers,
    contraction,
    creation,
    cumulative,
    exponents,
    indexing,
    integers,
    joining,
    limits,
    logic,
    matrices,
    ranges,
    reductions,
    reordering,
    representation,
    roots,
    rounding,
    selection,
    shaping,
    sorting,
    statistics,
    trigonometry,
)
from dl_ops.backend import Kernels

kernels = Kernels(
    arithmetic.kernels,
    bitwise.kernels,
    comparison.kernels,
    complex_numbers.kernels,
    contraction.kernels,
    creation.kernels,
    cumulative.kernels,
    exponents.kernels,
    indexing.kernels,
    integers.kernels,
    joining.kernels,
    limits.kernels,
    logic.kernels,
    matrices.kernels,
    ranges.kernels,
    reductions.kernels,
    reordering.kernels,
    representation.kernels,
    roots.kernels,
    rounding.kernels,
    selection.kernels,
    shaping.kernels,
    sorting.kernels,
    statistics.kernels,
    trigonometry.kernels,
)
