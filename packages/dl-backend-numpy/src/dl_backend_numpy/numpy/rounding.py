"""Sign, magnitude and rounding, element-wise."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()

for _name in ("absolute", "floor", "ceil", "heaviside"):
    kernels.register(_name, getattr(np, _name))
kernels.register("abs", np.absolute)


@kernels.add
def trunc(x: Array) -> Any:
    # before NumPy 2.1, np.trunc makes float64 of integers
    return x if x.dtype.kind in "biu" else np.trunc(x)


@kernels.add
def sign(x: Array) -> Any:
    # np.sign has no loop for booleans
    return x if x.dtype.kind == "b" else np.sign(x)


@kernels.add
def round(x: Array, decimals: int = 0) -> Any:
    # np.round makes float16 of booleans
    return x if x.dtype.kind == "b" else np.round(x, decimals)
