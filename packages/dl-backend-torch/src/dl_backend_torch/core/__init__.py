"""Kernels of the ops in ``dl_ops.core``."""

from dl_backend_torch.core import indexing, tensors
from dl_ops.backend import Kernels

kernels = Kernels(indexing.kernels, tensors.kernels)
