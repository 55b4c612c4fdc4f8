"""Kernels of the ops in ``dl_ops.numpy``."""

from dl_backend_tf.numpy import (
    contraction,
    creation,
    cumulative,
    elementwise,
    indexing,
    joining,
    matrices,
    ranges,
    reductions,
    reordering,
    representation,
    selection,
    shaping,
    sorting,
    statistics,
)
from dl_ops.backend import Kernels

kernels = Kernels(
    contraction.kernels,
    creation.kernels,
    cumulative.kernels,
    elementwise.kernels,
    indexing.kernels,
    joining.kernels,
    matrices.kernels,
    ranges.kernels,
    reductions.kernels,
    reordering.kernels,
    representation.kernels,
    selection.kernels,
    shaping.kernels,
    sorting.kernels,
    statistics.kernels,
)
