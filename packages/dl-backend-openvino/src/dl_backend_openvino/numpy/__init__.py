"""Nodes for the ops in ``dl_ops.numpy``."""

from dl_backend_openvino.numpy import (
    contraction,
    cumulative,
    elementwise,
    indexing,
    joining,
    reductions,
    selection,
    shaping,
    sorting,
)
from dl_ops.backend import Kernels

_MODULES = (
    *(contraction, cumulative, elementwise, indexing),
    *(joining, reductions, selection, shaping, sorting),
)

kernels = Kernels(*[module.kernels for module in _MODULES])
