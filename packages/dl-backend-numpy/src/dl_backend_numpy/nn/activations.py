"""Activation functions that take fewer passes over memory than their defaults."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()


@kernels.add
def relu(x: Array) -> Array:
    y: Array = np.maximum(x, x.dtype.type(0))
    return y


@kernels.add
def sigmoid(x: Array) -> Array:
    # exp of negative numbers alone: no overflow, and full precision in the lower tail
    y: Array = np.exp(np.minimum(x, x.dtype.type(0)))
    y /= 1 + np.exp(-np.abs(x))
    return y


@kernels.add
def silu(x: Array) -> Array:
    return x * sigmoid(x)


@kernels.add
def softplus(x: Array) -> Array:
    y: Array = np.maximum(x, x.dtype.type(0)) + np.log1p(np.exp(-np.abs(x)))
    return y
