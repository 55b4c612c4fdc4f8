"""Kernels of the ops in ``dl_ops.math``."""

from dl_ops.backend import Kernels

kernels = Kernels()
