"""Kernels of the ops in ``dl_ops.image``."""

from dl_ops.backend import Kernels

kernels = Kernels()
