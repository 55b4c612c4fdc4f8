"""Linear interpolation, which PyTorch has as one kernel."""

from __future__ import annotations

import torch

from dl_ops.backend import Kernels

kernels = Kernels({"lerp": torch.lerp})
