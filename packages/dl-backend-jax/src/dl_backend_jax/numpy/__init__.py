"""Kernels of the ops in ``dl_ops.numpy``."""

from dl_backend_jax.numpy import (
    contraction,
    creation,
    elementwise,
    indexing,
    joining,
    reductions,
    reordering,
    representation,
    shaping,
    sorting,
)
from dl_ops.backend import Kernels

kernels = Kernels(
    contraction.kernels,
    creation.kernels,
    elementwise.kernels,
    indexing.kernels,
    joining.kernels,
    reductions.kernels,
    reordering.kernels,
    representation.kernels,
    shaping.kernels,
    sorting.kernels,
)
