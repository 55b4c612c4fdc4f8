"""Zeros that take no memory, for gradients of what nothing depends on."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops.typing import Array


def zeros(shape: tuple[int, ...], dtype: Any) -> Array:
    """Zeros, all of them the same one."""
    return np.ndarray(shape, dtype, np.zeros((), dtype), 0, (0,) * len(shape))


def is_nothing(x: Array) -> bool:
    """Whether an array is of `zeros`, as far as can be told without looking at its elements."""
    return x.size > 0 and not any(x.strides) and not x.item(0)
