"""Special functions."""

from __future__ import annotations

import torch

from dl_ops.backend import Kernels

_NATIVE = ("erf", "erfc", "erfinv", "logaddexp")

kernels = Kernels({name: getattr(torch, name) for name in _NATIVE})
