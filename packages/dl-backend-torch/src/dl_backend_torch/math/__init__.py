"""Kernels of the ops in ``dl_ops.math``."""

from dl_backend_torch.math import fourier, interpolation, reductions, sequences, special
from dl_ops.backend import Kernels

kernels = Kernels(fourier.kernels, interpolation.kernels, reductions.kernels, sequences.kernels, special.kernels)
