"""Kernels of the ops in ``dl_ops.core``."""

from dl_ops.backend import Kernels

kernels = Kernels()
