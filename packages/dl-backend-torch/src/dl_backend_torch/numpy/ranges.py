"""Numbers at equal distances."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dl_backend_torch.numpy.creation import options
from dl_ops.backend import Kernels
from dl_ops.numpy.ranges import arange_dtype

kernels = Kernels()


@kernels.add
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Tensor:
    first, last = (0, start) if stop is None else (start, stop)
    return torch.arange(first, last, 1 if step is None else step, **options(arange_dtype(start, stop, step, dtype)))
