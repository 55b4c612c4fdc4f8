"""Poolings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels
from dl_ops.nn.windows import Windows, windows

kernels = Kernels()


def _reduce(x: Array, start: Any, function: Callable[..., Any], w: Windows) -> Array:
    y: Array = lax.reduce_window(
        x,
        np.asarray(start, x.dtype),
        function,
        tuple(size or 1 for size in w.shape(1, w.size, 1)),
        tuple(stride or 1 for stride in w.shape(1, w.strides, 1)),
        "SAME" if w.same else "VALID",
    )
    return y


@kernels.add
def max_pool(
    inputs: Array,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    return _max_pool(inputs, windows(inputs, pool_size, strides, padding, data_format))


@jitted
def _max_pool(inputs: Array, w: Windows) -> Array:
    if inputs.dtype == bool:
        return _reduce(inputs, False, lax.bitwise_or, w)
    lowest = np.iinfo(inputs.dtype).min if jnp.issubdtype(inputs.dtype, jnp.integer) else -np.inf
    return _reduce(inputs, lowest, lax.max, w)


@kernels.add
def average_pool(
    inputs: Array,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    return _average_pool(inputs, windows(inputs, pool_size, strides, padding, data_format))


@jitted
def _average_pool(inputs: Array, w: Windows) -> Array:
    total = _reduce(inputs, 0, lax.add, w)
    if not w.same:
        return total / np.asarray(np.prod(w.size), inputs.dtype)
    ones = jnp.ones([size or 1 for size in w.shape(1, w.spatial(inputs.shape), 1)], inputs.dtype)
    return total / _reduce(ones, 0, lax.add, w)
