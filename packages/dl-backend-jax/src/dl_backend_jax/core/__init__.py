"""Kernels of the ops in ``dl_ops.core``."""

from dl_backend_jax.core import casts, control_flow, indexing
from dl_ops.backend import Kernels
from dl_ops.backend.assignments import inside

kernels = Kernels(inside("jax", control_flow.kernels), casts.kernels, indexing.kernels)
