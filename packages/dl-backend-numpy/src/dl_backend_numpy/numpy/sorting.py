"""Sorting and searching."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()
kernels.register("sort", np.sort)


@kernels.add
def argsort(x: Array, axis: int | None = -1) -> Array:
    return np.argsort(x, axis, kind="stable").astype(np.int32)


@kernels.add
def searchsorted(sorted_sequence: Array, values: Array, side: Any = "left") -> Any:
    return np.searchsorted(sorted_sequence, values, side).astype(np.int32)
