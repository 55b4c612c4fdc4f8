"""Logic, and tests of single numbers."""

from __future__ import annotations

import torch

from dl_ops.backend import Kernels

_NATIVE = ("isfinite", "isinf", "isnan", "logical_and", "logical_not", "logical_or", "logical_xor")

kernels = Kernels({name: getattr(torch, name) for name in _NATIVE})
