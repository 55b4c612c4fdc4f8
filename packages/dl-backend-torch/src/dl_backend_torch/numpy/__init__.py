"""Kernels of the ops in ``dl_ops.numpy``."""

from dl_backend_torch.numpy import elementwise
from dl_ops.backend import Kernels

kernels = Kernels(elementwise.kernels)
