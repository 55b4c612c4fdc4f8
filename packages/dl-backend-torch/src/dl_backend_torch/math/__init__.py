"""Kernels of the ops in ``dl_ops.math``."""

from dl_backend_torch.math import reductions, special
from dl_ops.backend import Kernels

kernels = Kernels(reductions.kernels, special.kernels)
