"""Choosing elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels
from dl_ops.numpy.indexing import full_key

kernels = Kernels()


@kernels.add
@jitted
def take(x: Array, indices: Array, axis: int | None = None) -> Array:
    return jnp.take(x, indices, axis)


@kernels.add
@jitted
def take_along_axis(x: Array, indices: Array, axis: int | None = None) -> Array:
    return jnp.take_along_axis(x, indices, axis)


kernels.register("where", jax.jit(jnp.where, inline=True))


@kernels.add
def nonzero(x: Array) -> tuple[Array, ...]:
    return tuple(indices.astype(jnp.int32) for indices in jnp.nonzero(x))


@kernels.add
def get_item(x: Array, key: tuple[Any, ...]) -> Array:
    return _get_item(x, _hashable(key))


@jitted
def _get_item(x: Array, key: tuple[Any, ...]) -> Array:
    return x[_key(key)]


@kernels.add
def gather_item(x: Array, indices: Sequence[Array], key: tuple[Any, ...]) -> Array:
    # how much a mask chooses is not known to a jitted function
    if any(index.dtype == bool for index in indices):
        return x[full_key(key, indices)]
    return _gather_item(x, indices, _hashable(key))


@jitted
def _gather_item(x: Array, indices: Sequence[Array], key: tuple[Any, ...]) -> Array:
    return x[full_key(_key(key), indices)]


def _hashable(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """A key with slices as tuples, because they cannot be hashed."""
    return tuple((entry.start, entry.stop, entry.step) if type(entry) is slice else entry for entry in key)


def _key(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(slice(*entry) if type(entry) is tuple else entry for entry in key)
