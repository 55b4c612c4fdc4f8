"""Nodes for the ops in ``dl_ops.core``."""

from dl_backend_openvino.core import control_flow, indexing, loops
from dl_ops.backend import Kernels

kernels = Kernels(control_flow.kernels, indexing.kernels, loops.kernels)
