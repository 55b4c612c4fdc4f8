"""Products that sum over axes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_backend_numpy.numpy.precision import NARROW, in_float32
from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()

# below this, finding a way through BLAS takes longer than the plain loop
_SMALL: Final = 4096


def _precisely(function: Callable[..., Any]) -> Callable[[Array, Array], Any]:
    @functools.wraps(function)
    def product(x1: Array, x2: Array) -> Any:
        return in_float32(function, x1, x2) if x1.dtype.type in NARROW else function(x1, x2)

    return product


for _name in ("dot", "inner", "vdot"):
    kernels.register(_name, _precisely(getattr(np, _name)))


@kernels.add
def matmul(x1: Array, x2: Array) -> Any:
    if x1.dtype.type in NARROW:
        return in_float32(np.matmul, x1, x2)
    # of matrices the same, and found faster
    return x1.dot(x2) if x1.ndim == x2.ndim == 2 else np.matmul(x1, x2)


@kernels.add
def outer(x1: Array, x2: Array) -> Array:
    return np.multiply(x1.reshape(-1, 1), x2.reshape(1, -1))


@kernels.add
def tensordot(x1: Array, x2: Array, axes: Any = 2) -> Any:
    if x1.dtype.type in NARROW:
        return in_float32(np.tensordot, x1, x2, axes=axes)
    if isinstance(axes, int) and axes < 0:
        raise ValueError("NumPy takes a negative number of axes for one beyond their end")
    return np.tensordot(x1, x2, axes)


@kernels.add
def einsum(subscripts: str, *operands: Array, **kwargs: Any) -> Any:
    if operands and operands[0].dtype.type in NARROW:
        return in_float32(functools.partial(einsum, subscripts), *operands, **kwargs)
    kwargs.setdefault("optimize", len(operands) > 1 and sum(x.size for x in operands) > _SMALL)
    return np.einsum(subscripts, *operands, **kwargs)
