"""Kernels of the ops in ``dl_ops.math``."""

from dl_backend_tf.math import fourier, sequences, special
from dl_ops.backend import Kernels

kernels = Kernels(fourier.kernels, sequences.kernels, special.kernels)
