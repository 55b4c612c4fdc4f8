"""Linear interpolation, in place."""

from __future__ import annotations

from typing import Any

from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()


@kernels.add
def lerp(start: Array, end: Array, weight: float) -> Any:
    y = end - start
    # a Python number would make a float32 of a bfloat16
    y *= y.dtype.type(weight)
    y += start
    return y
