"""Special functions that NumPy does not have."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()

_exact_erf: Final = np.frompyfunc(math.erf, 1, 1)
_exact_erfc: Final = np.frompyfunc(math.erfc, 1, 1)

# from here on the error function is 1 in float32
_FLAT: Final = 4.0


@kernels.add
def erf(x: Array) -> Array:
    if x.dtype == np.float64:
        return np.asarray(_exact_erf(x), np.float64)
    # a polynomial in x ** 2, times x; in float64, because its terms cancel
    limited = np.clip(x.astype(np.float64), -_FLAT, _FLAT)
    square = limited * limited
    square *= 2 / _FLAT**2
    square -= 1
    return (_horner(_erf_polynomial(), square) * limited).astype(x.dtype)


@kernels.add
def erfc(x: Array) -> Array:
    return np.asarray(_exact_erfc(x.astype(np.float64)), np.float64).astype(x.dtype)


@lru_cache(maxsize=1)
def _erf_polynomial() -> Array:
    """Coefficients of ``erf(x) / x`` for ``x ** 2`` from 0 to 16, moved to the range from -1 to 1; correct to 1e-9."""

    def ratio(t: Any) -> Any:
        x = np.sqrt((t + 1) / 2) * _FLAT
        return np.asarray(_exact_erf(x), np.float64) / x

    return np.polynomial.chebyshev.cheb2poly(np.polynomial.chebyshev.chebinterpolate(ratio, 18))


def _horner(coefficients: Array, x: Array) -> Array:
    y = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        y *= x
        y += c
    return y


# Giles, "Approximating the erfinv function", GPU Computing Gems 2, 2011: correct to single precision
_CENTRE: Final = np.array(
    [
        1.50140941,
        0.246640727,
        -0.00417768164,
        -0.00125372503,
        0.00021858087,
        -4.39150654e-06,
        -3.5233877e-06,
        3.43273939e-07,
        2.81022636e-08,
    ]
)
_TAIL: Final = np.array(
    [
        2.83297682,
        1.00167406,
        0.00943887047,
        -0.0076224613,
        0.00573950773,
        -0.00367342844,
        0.00134934322,
        0.000100950558,
        -0.000200214257,
    ]
)


@kernels.add
def erfinv(x: Array) -> Array:
    wide = x.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        w = -np.log1p(-wide * wide)
        inside = np.isfinite(w)
        w = np.where(inside, w, 0.0)
        y = np.where(w < 5, _horner(_CENTRE, w - 2.5), _horner(_TAIL, np.sqrt(w) - 3)) * wide
        if x.dtype == np.float64:
            y = _refined(y, wide)
        # 1 and -1 have infinite inverses, and beyond them there are none
        y = np.where(inside, y, np.where(np.abs(wide) == 1, wide * np.inf, np.nan))
    return y.astype(x.dtype)


def _refined(y: Array, x: Array) -> Array:
    """Two steps of Newton's method on ``erfc(|y|) == 1 - |x|``, which keeps its digits in the tails."""
    size = np.abs(y)
    for _ in range(2):
        error = np.asarray(_exact_erfc(size), np.float64) - (1 - np.abs(x))
        size = size + error * (math.sqrt(math.pi) / 2) * np.exp(size * size)
    return np.copysign(size, x)
