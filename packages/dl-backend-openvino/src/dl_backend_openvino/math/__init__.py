"""Nodes for the ops in ``dl_ops.math``."""

from __future__ import annotations

from dl_backend_openvino.math import fourier
from dl_ops.backend import Kernels

kernels = Kernels(fourier.kernels)
