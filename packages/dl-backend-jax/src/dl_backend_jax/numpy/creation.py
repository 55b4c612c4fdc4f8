"""Tensors of given values."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_backend_jax.tensors import jax_dtype
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype
from dl_ops.numpy.ranges import arange_dtype
from dl_ops.typing import DTypeLike, ShapeLike

kernels = Kernels()


@kernels.add
def full(shape: ShapeLike, fill_value: Array, dtype: DTypeLike | None = None) -> Array:
    # the default float may change, which a jitted function would not see
    return _full(shape, fill_value, standardize_dtype(dtype))


@jitted
def _full(shape: ShapeLike, fill_value: Array, dtype: str) -> Array:
    return jnp.full(shape, fill_value, jax_dtype(dtype))


@kernels.add
def arange(start: Any, stop: Any = None, step: Any = None, dtype: DTypeLike | None = None) -> Array:
    return _arange(start, stop, step, arange_dtype(start, stop, step, dtype))


@jitted
def _arange(start: Any, stop: Any, step: Any, dtype: str) -> Array:
    return jnp.arange(start, stop, step, jax_dtype(dtype))
