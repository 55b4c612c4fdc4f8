"""Kernels of the ops in ``dl_ops.math``."""

from dl_backend_numpy.math import interpolation, special
from dl_ops.backend import Kernels

kernels = Kernels(interpolation.kernels, special.kernels)
