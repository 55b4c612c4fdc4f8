"""All kernels, from the modules that mirror those of the ops."""

from __future__ import annotations

from dl_backend_torch import numpy
from dl_ops.backend import Kernels

kernels = Kernels(numpy.kernels)
