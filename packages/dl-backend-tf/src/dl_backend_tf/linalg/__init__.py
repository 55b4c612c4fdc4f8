"""Kernels of the ops in ``dl_ops.linalg``."""

from dl_backend_tf.linalg import decompositions, solving
from dl_ops.backend import Kernels

kernels = Kernels(decompositions.kernels, solving.kernels)
