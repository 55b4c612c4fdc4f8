"""Softmax."""

from __future__ import annotations

import jax
from jax import Array

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels
from dl_ops.typing import Axis

kernels = Kernels()


# jax.nn's keeps nothing but the result for the gradient
@kernels.add
@jitted
def softmax(x: Array, axis: Axis = -1) -> Array:
    return jax.nn.softmax(x, axis)


@kernels.add
@jitted
def log_softmax(x: Array, axis: Axis = -1) -> Array:
    return jax.nn.log_softmax(x, axis)
