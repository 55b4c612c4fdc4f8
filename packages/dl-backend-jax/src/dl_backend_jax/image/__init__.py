"""Kernels of the ops in ``dl_ops.image``: those of JAX are not needed so far."""

from dl_ops.backend import Kernels

kernels = Kernels()
