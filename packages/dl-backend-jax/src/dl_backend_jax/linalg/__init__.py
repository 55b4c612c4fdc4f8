"""Kernels of the ops in ``dl_ops.linalg``."""

from dl_ops.backend import Kernels

kernels = Kernels()
