"""Special functions that NumPy has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import numpy_dtype
from dl_ops.op import op
from dl_ops.rules import floating, real_floating, same
from dl_ops.typing import Tensor, TensorLike

__all__ = ["i0", "sinc"]

_NEAR_ZERO: Final = 0.05
_TAYLOR: Final = tuple((-1) ** k * math.pi ** (2 * k) / math.factorial(2 * k + 1) for k in range(7))

# up to here the power series, beyond it the asymptotic behaviour times a polynomial
_LARGE: Final = 8.0
# where the result has long been infinite
_LARGEST: Final = 2000.0
_SERIES: Final = tuple(1 / math.factorial(k) ** 2 for k in range(26))


@op(shape=same, dtype=floating)
def sinc(x: TensorLike) -> Tensor:
    """Normalised cardinal sine, element-wise: ``sin(pi x) / (pi x)``, and 1 at zero.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> sinc([0.0, 0.5]).tolist()
    [1.0, 0.6366...]
    """
    # the quotient has no derivatives at zero, and loses digits of them near it
    near = ops.less(ops.absolute(x), _NEAR_ZERO)
    series = _polynomial(_TAYLOR, ops.square(ops.where(near, x, ops.zeros_like(x))))
    scaled = ops.multiply(ops.where(near, ops.ones_like(x), x), math.pi)
    return ops.where(near, series, ops.divide(ops.sin(scaled), scaled))  # type: ignore[no-any-return]


@op(shape=same, dtype=real_floating)
def i0(x: TensorLike) -> Tensor:
    """Modified Bessel function of the first kind and order zero, element-wise.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Olver et al., NIST Digital Library of Mathematical Functions, 10.25.2 for the series, 10.40.1 for large `x`.

    Examples
    --------
    >>> i0([0.0, 1.0]).tolist()
    [1.0, 1.26606...]
    """
    dtype = dtype_of(x)
    if numpy_dtype(dtype).itemsize < 4:
        return ops.cast(i0(ops.cast(x, "float32")), dtype)
    size = ops.absolute(x)
    small = ops.less_equal(size, _LARGE)
    series = _polynomial(_SERIES, ops.multiply(ops.square(ops.where(small, x, ops.zeros_like(x))), 0.25))
    size = ops.where(small, ops.full_like(x, _LARGE), size)
    size = ops.where(ops.greater(size, _LARGEST), ops.full_like(x, _LARGEST), size)
    # in two factors, because the exponential overflows before the result does
    root = ops.exp(ops.multiply(size, 0.5))
    ratio = _polynomial(_decay(), ops.subtract(ops.divide(2 * _LARGE, size), 1.0))
    beyond = ops.multiply(ops.divide(ops.multiply(root, ratio), ops.sqrt(size)), root)
    return ops.where(small, series, beyond)  # type: ignore[no-any-return]


def _polynomial(coefficients: Sequence[float], x: Any) -> Any:
    y: Any = ops.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        y = ops.add(ops.multiply(y, x), c)
    return y


@lru_cache(maxsize=1)
def _decay() -> tuple[float, ...]:
    """Coefficients of ``sqrt(x) exp(-x) i0(x)``, as a polynomial in ``2 * _LARGE / x - 1``; correct to 1e-15."""
    # the mean of exp(x cos(t)) over the circle, which equally spaced points give to the last digit
    angles = np.arange(4096) * (2 * math.pi / 4096)

    def scaled(t: Any) -> Any:
        x = 2 * _LARGE / (t + 1)
        return np.sqrt(x) * np.mean(np.exp(x[:, None] * (np.cos(angles) - 1)), axis=1)

    found = np.polynomial.chebyshev.cheb2poly(np.polynomial.chebyshev.chebinterpolate(scaled, 24))
    return tuple(float(c) for c in found)
