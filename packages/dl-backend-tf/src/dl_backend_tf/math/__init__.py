"""Kernels of the ops in ``dl_ops.math``."""

from dl_backend_tf.math import special
from dl_ops.backend import Kernels

kernels = Kernels(special.kernels)
