"""Dtypes that JAX stores and does not take matrices apart in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import jax
import jax.numpy as jnp
from jax import Array

F = TypeVar("F", bound=Callable[..., Any])


def wide(x: Array) -> Array:
    """`x`, in float32 if it holds narrower floats."""
    return x.astype(jnp.float32) if jnp.issubdtype(x.dtype, jnp.floating) and x.dtype.itemsize < 4 else x


def widened(function: F) -> F:
    """Make a kernel of arrays compute 16-bit floats in float32, and give its results in their dtype."""

    @functools.wraps(function)
    def run(x: Array, *args: Any) -> Any:
        if wide(x) is x:
            return function(x, *args)
        result = function(wide(x), *[wide(y) if isinstance(y, Array) else y for y in args])
        return jax.tree.map(lambda y: y.astype(x.dtype) if y.dtype == jnp.float32 else y, result)

    return cast(F, run)
