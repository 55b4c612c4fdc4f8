"""Kernels of the ops in ``dl_ops.random``."""

from dl_ops.backend import Kernels

kernels = Kernels()
