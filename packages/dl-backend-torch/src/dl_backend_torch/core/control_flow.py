"""Control flow; but for `vectorized_map` Python's own is PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    return torch.vmap(function, randomness="different")(elements)
