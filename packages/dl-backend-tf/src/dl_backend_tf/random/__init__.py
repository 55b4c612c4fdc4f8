"""Kernels of the ops in ``dl_ops.random``."""

from dl_backend_tf.random import primitives
from dl_ops.backend import Kernels

kernels = Kernels(primitives.kernels)
