"""Arrays put together and taken apart."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels

kernels = Kernels()

for _name in ("concatenate", "stack", "split"):
    kernels.register(_name, getattr(np, _name))
