"""Kernels of the ops in ``dl_ops.random``."""

from dl_backend_torch.random import draws
from dl_ops.backend import Kernels

kernels = Kernels(draws.kernels)
