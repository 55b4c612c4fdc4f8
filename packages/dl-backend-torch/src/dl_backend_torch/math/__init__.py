"""Kernels of the ops in ``dl_ops.math``."""

from dl_backend_torch.math import interpolation, reductions, special
from dl_ops.backend import Kernels

kernels = Kernels(interpolation.kernels, reductions.kernels, special.kernels)
