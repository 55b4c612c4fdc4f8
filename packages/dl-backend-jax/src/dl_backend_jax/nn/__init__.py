"""Kernels of the ops in ``dl_ops.nn``."""

from dl_ops.backend import Kernels

kernels = Kernels()
