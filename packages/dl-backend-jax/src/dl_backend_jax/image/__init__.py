"""Kernels of the ops in ``dl_ops.image``."""

from dl_backend_jax.image import resizing
from dl_ops.backend import Kernels

kernels = Kernels(resizing.kernels)
