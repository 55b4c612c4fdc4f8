"""Conversion of a tensor's dtype, which mostly has nothing to do."""

from __future__ import annotations

from typing import Any

from jax import Array

from dl_backend_jax import tensors
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype

kernels = Kernels()


@kernels.add
def cast(x: Array, dtype: Any) -> Array:
    y: Array = tensors.cast(x, standardize_dtype(dtype))
    return y
