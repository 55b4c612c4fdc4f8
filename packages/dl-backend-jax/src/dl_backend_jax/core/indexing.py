"""Reading and changing parts of a tensor at computed positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import jax
import jax.numpy as jnp
from jax import Array, lax

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels
from dl_ops.typing import ShapeLike

kernels = Kernels()

_METHODS: Final = {None: "set", "add": "add", "max": "max", "min": "min"}


@kernels.add
@jitted
def scatter_update(inputs: Array, indices: Array, updates: Array, reduction: str | None = None) -> Array:
    if reduction == "mul":
        return _scatter_multiply(inputs, indices, updates)
    return getattr(_at(inputs, indices), _METHODS[reduction])(updates)  # type: ignore[no-any-return]  # one of at[]'s


def _at(inputs: Array, indices: Array) -> Any:
    return inputs.at[tuple(jnp.moveaxis(indices, -1, 0))]


# JAX differentiates products at one position only where no index comes twice
@jax.custom_jvp
def _scatter_multiply(inputs: Array, indices: Array, updates: Array) -> Array:
    return _at(inputs, indices).multiply(updates)  # type: ignore[no-any-return]


@_scatter_multiply.defjvp
def _scatter_multiply_jvp(primals: Sequence[Array], tangents: Sequence[Array]) -> tuple[Array, Array]:
    inputs, indices, updates = primals
    # each factor's tangent times the product of the others at its position, of which there may be one zero
    zeros = _at((inputs == 0).astype(int), indices).add((updates == 0).astype(int))
    factor, factors = (jnp.where(x == 0, 1, x) for x in (inputs, updates))
    product = _scatter_multiply(factor, indices, factors)

    def others(x: Array, nonzero: Array, zeros: Array, product: Array) -> Array:
        return jnp.where(zeros == 0, product / nonzero, jnp.where((zeros == 1) & (x == 0), product, 0))

    tangent = tangents[0] * others(inputs, factor, zeros, product)
    there = tuple(jnp.moveaxis(indices, -1, 0))
    tangent = _at(tangent, indices).add(tangents[2] * others(updates, factors, zeros[there], product[there]))
    return jnp.where(zeros == 0, product, 0), tangent


@kernels.add
@jitted
def slice(inputs: Array, start_indices: Array, shape: ShapeLike) -> Array:
    return lax.dynamic_slice(inputs, start_indices, (shape,) if isinstance(shape, int) else shape)


@kernels.add
@jitted
def slice_update(inputs: Array, start_indices: Array, updates: Array) -> Array:
    return lax.dynamic_update_slice(inputs, updates, start_indices)
