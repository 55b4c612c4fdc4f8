"""Complex numbers and their parts, element-wise."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()


@kernels.add
def real(x: Array) -> Any:
    return np.real(x)


@kernels.add
def imag(x: Array) -> Any:
    # np.imag looks at how the dtype is spelled, and bfloat16 is none of NumPy's own
    return np.imag(x) if x.dtype.kind == "c" else np.zeros_like(x)


@kernels.add
def conj(x: Array) -> Any:
    # there is no loop for booleans and bfloat16
    return np.conjugate(x) if x.dtype.kind == "c" else x


def _complex(real: Array, imaginary: Array) -> Array:
    joined = np.empty(np.broadcast_shapes(real.shape, imaginary.shape), np.result_type(real.dtype, np.complex64))
    joined.real, joined.imag = real, imaginary
    return joined


# a function of that name would hide the built-in one here
kernels.register("complex", _complex)
