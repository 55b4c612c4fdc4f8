"""Kernels of the ops in ``dl_ops.math``."""

from dl_backend_numpy.math import fourier, interpolation, sequences, special
from dl_ops.backend import Kernels

kernels = Kernels(fourier.kernels, interpolation.kernels, sequences.kernels, special.kernels)
