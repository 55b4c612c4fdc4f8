"""Kernels of the ops in ``dl_ops.math``."""

from dl_backend_jax.math import fourier, special
from dl_ops.backend import Kernels

kernels = Kernels(fourier.kernels, special.kernels)
