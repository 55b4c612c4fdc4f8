"""Cases of activations."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import apart, draw, nonzero
from dl_ops.testing.case import FLOATS, NUMBERS, Case
from dl_ops.testing.table.elementwise import unary
from dl_ops.typing import Array

# away from the kinks at -6, -3, -1, -0.5, 0, 0.5, 1, 3 and 6
_X = np.array([[-7.3, -4.2, -2.1, -0.7, -0.2], [0.3, 0.8, 2.2, 4.4, 6.9]])
_erf = np.vectorize(math.erf)


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _softmax(x: Array, axis: Any = -1) -> Array:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return np.asarray(e / np.sum(e, axis=axis, keepdims=True))


def _log_softmax(x: Array, axis: Any = -1) -> Array:
    return np.log(_softmax(x, axis))


def _elu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def _celu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > 0, x, alpha * (np.exp(x / alpha) - 1))


def _sparsemax(x: Array, axis: int = -1) -> Array:
    """Projection onto the simplex by bisection for the threshold."""
    x = np.moveaxis(x, axis, -1)
    low, high = np.max(x, -1, keepdims=True) - 1, np.max(x, -1, keepdims=True)
    for _ in range(60):
        middle = (low + high) / 2
        above = np.sum(np.maximum(x - middle, 0), -1, keepdims=True) > 1
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.moveaxis(np.maximum(x - low, 0), -1, axis)


def _glu(x: Array, axis: int = -1) -> Array:
    a, b = np.split(x, 2, axis)
    return np.asarray(a * _sigmoid(b))


def _sparse_plus(x: Array) -> Array:
    return np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4))


_SELU: Final = (1.0507009873554804934193349852946, 1.6732632423543772848170429916717)

CASES: Final = [
    unary("relu", _X, lambda x: np.maximum(x, 0)),
    unary("relu6", _X, lambda x: np.clip(x, 0, 6)),
    unary("leaky_relu", _X, lambda x: np.where(x > 0, x, 0.2 * x), label="default"),
    Case("leaky_relu", (_X, 0.05), reference=lambda x, a: np.where(x > 0, x, a * x), gradient=True, label="slope"),
    unary("elu", _X, _elu, label="default"),
    Case("elu", (_X, 0.4), reference=_elu, gradient=True, label="alpha"),
    unary("selu", _X, lambda x: _SELU[0] * _elu(x, _SELU[1]), tolerance=2.0),
    unary("celu", _X, _celu, label="default"),
    Case("celu", (_X, 0.4), reference=_celu, gradient=True, label="alpha"),
    Case(
        "celu", (np.array([800.0, -800.0]),), reference=lambda x: np.array([800.0, -1.0]), gradient=True, label="large"
    ),
    unary(
        "gelu",
        _X,
        lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
        label="approximate",
    ),
    Case(
        "gelu", (_X, False), reference=lambda x, a: 0.5 * x * (1 + _erf(x / math.sqrt(2))), gradient=True, label="exact"
    ),
    unary("sigmoid", _X, _sigmoid, label="plain"),
    Case(
        "sigmoid", (np.array([-900.0, 900.0]),), reference=lambda x: np.array([0.0, 1.0]), dtypes=FLOATS, label="large"
    ),
    unary("silu", _X, lambda x: x * _sigmoid(x)),
    unary("log_sigmoid", _X, lambda x: -np.log1p(np.exp(-x)), label="plain"),
    Case(
        "log_sigmoid",
        (np.array([-900.0, 900.0]),),
        reference=lambda x: np.array([-900.0, 0.0]),
        gradient=True,
        label="large",
    ),
    unary("softplus", _X, lambda x: np.log1p(np.exp(x)), label="plain"),
    Case(
        "softplus",
        (np.array([-900.0, 900.0]),),
        reference=lambda x: np.array([0.0, 900.0]),
        gradient=True,
        label="large",
    ),
    unary("softsign", _X, lambda x: x / (1 + np.abs(x))),
    unary("hard_sigmoid", _X, lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    unary("hard_silu", _X, lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    unary("hard_tanh", _X, lambda x: np.clip(x, -1, 1)),
    unary("squareplus", _X, lambda x: (x + np.sqrt(x * x + 4)) / 2, label="default"),
    Case("squareplus", (_X, 0.2), reference=lambda x, b: (x + np.sqrt(x * x + b)) / 2, gradient=True, label="b"),
    unary("sparse_plus", _X, _sparse_plus),
    unary("sparse_sigmoid", _X, lambda x: np.clip((x + 1) / 2, 0, 1)),
    unary("hard_shrink", _X, lambda x: np.where(np.abs(x) > 0.5, x, 0), dtypes=("float32",)),
    unary("soft_shrink", _X, lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0)),
    unary("tanh_shrink", _X, lambda x: x - np.tanh(x)),
    Case("threshold", (_X, 0.5, -1.5), reference=lambda x, t, v: np.where(x > t, x, v), gradient=True),
    Case("softmax", (draw(2, 3, 4),), reference=_softmax, gradient=True, dtypes=NUMBERS, label="last"),
    Case("softmax", (draw(2, 3, 4), 1), reference=_softmax, gradient=True, label="axis"),
    Case("softmax", (draw(2, 3, 4), (1, 2)), reference=_softmax, gradient=True, label="axes"),
    Case("softmax", (np.array([900.0, 0.0, -900.0]),), reference=_softmax, label="large"),
    Case("log_softmax", (draw(2, 3, 4),), reference=_log_softmax, gradient=True, dtypes=NUMBERS, label="last"),
    Case("log_softmax", (draw(2, 3, 4), 0), reference=_log_softmax, gradient=True, label="axis"),
    Case("log_softmax", (draw(2, 3, 4), (0, 2)), reference=_log_softmax, gradient=True, label="axes"),
    Case("sparsemax", (apart(2, 5) * 0.3,), reference=_sparsemax, gradient=True, label="last"),
    Case("sparsemax", (apart(4, 3) * 0.3, 0), reference=_sparsemax, gradient=True, label="axis"),
    Case("glu", (nonzero(2, 6),), reference=_glu, gradient=True, label="last"),
    Case("glu", (nonzero(4, 3), 0), reference=_glu, gradient=True, label="axis"),
]
