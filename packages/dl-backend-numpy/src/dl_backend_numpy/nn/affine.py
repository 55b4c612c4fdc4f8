"""Affine maps as one product of matrices, to which the bias is added in place."""

from __future__ import annotations

import math

from dl_backend_numpy.numpy.precision import NARROW, in_float32
from dl_ops.backend import Kernels
from dl_ops.nn.affine import check_axes
from dl_ops.typing import Array

kernels = Kernels()


@kernels.add
def affine(x: Array, kernel: Array, bias: Array, axes: int = 1) -> Array:
    if x.dtype.type in NARROW:
        return in_float32(affine, x, kernel, bias, axes=axes)  # type: ignore[no-any-return]  # an array, as its arguments
    if type(axes) is int and axes == 1 and x.ndim == kernel.ndim == 2 and bias.shape == kernel.shape[1:]:
        y: Array = x.dot(kernel)  # half the cost of calling `matmul`
        y += bias
        return y
    check_axes(x, kernel, axes)
    rows = kernel.shape[:axes]
    if x.shape[x.ndim - axes :] != rows or bias.shape != kernel.shape[axes:]:
        raise ValueError(f"shapes {x.shape}, {kernel.shape} and {bias.shape} do not fit together")
    count = math.prod(rows)
    flat = x.reshape(-1, count) @ kernel.reshape(count, -1)
    y = flat.reshape(*x.shape[: x.ndim - axes], *bias.shape)
    y += bias
    return y
