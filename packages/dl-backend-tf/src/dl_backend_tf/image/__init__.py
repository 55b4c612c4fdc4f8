"""Kernels of the ops in ``dl_ops.image``: none of TensorFlow's are needed so far."""

from dl_ops.backend import Kernels

kernels = Kernels()
