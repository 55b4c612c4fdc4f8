"""Cases of quantiles and of what is computed from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import apart, integers
from dl_ops.testing.case import FLOATS, Case
from dl_ops.typing import Array, Axis

_NAN: Final = math.nan
_METHODS: Final[dict[str, Callable[[float], tuple[float, float, float]]]] = {
    # elements on both sides of a position, and the weight of the second
    "linear": lambda p: (math.floor(p), math.ceil(p), p % 1),
    "midpoint": lambda p: (math.floor(p), math.ceil(p), 0.5),
    "lower": lambda p: (math.floor(p), math.floor(p), 0.0),
    "higher": lambda p: (math.ceil(p), math.ceil(p), 0.0),
    "nearest": lambda p: (round(p), round(p), 0.0),
}


def _one(elements: list[float], q: float, method: str, skip: bool) -> float:
    known = sorted(e for e in elements if not math.isnan(e))
    if not known or (len(known) < len(elements) and not skip):
        return _NAN
    low, high, weight = _METHODS[method](min(max(q, 0.0), 1.0) * (len(known) - 1))
    below, above = known[int(low)], known[int(high)]
    return below if weight == 0 else below * (1 - weight) + above * weight


def _reference(scale: float = 1.0, skip: bool = False) -> Callable[..., Any]:
    """Quantiles one at a time."""

    def reference(x: Array, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Array:
        axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % x.ndim)
        kept = [1 if i in axes else size for i, size in enumerate(x.shape)]
        parts = np.asarray(q, "float64") / scale
        y = np.empty((*parts.shape, *kept))
        for index in np.ndindex(*kept):
            part = x[tuple(slice(None) if i in axes else position for i, position in enumerate(index))]
            elements = [float(element) for element in part.reshape(-1)]
            for where in np.ndindex(*parts.shape):
                y[(*where, *index)] = _one(elements, float(parts[where]), method, skip)
        if keepdims:
            return y
        return y.reshape((*parts.shape, *(size for i, size in enumerate(x.shape) if i not in axes)))

    return reference


def _half(skip: bool = False) -> Callable[..., Any]:
    return lambda x, axis=None, keepdims=False: _reference(skip=skip)(x, 0.5, axis, "midpoint", keepdims)


def _holed(*shape: int) -> Array:
    x = apart(*shape)
    x.reshape(-1)[[1, 2, 7]] = _NAN
    return x


_X: Final = apart(3, 4, 5)
_PARTS: Final = np.array([0.13, 0.37, 0.93])
_INF: Final = math.inf

CASES: Final = [
    Case("quantile", (_X, _PARTS, -1), reference=_reference(), gradient=True, dtypes=FLOATS, tolerance=2, label="axis"),
    Case("quantile", (_X, 0.3), reference=_reference(), gradient=True, label="all"),
    Case("quantile", (_X, _PARTS, (0, -1), "linear", True), reference=_reference(), gradient=True, label="axes"),
    Case("quantile", (_X, [[0.0, 0.5], [0.9, 1.0]], 1), reference=_reference(), gradient=("x",), label="matrix"),
    Case("quantile", (_X, [0.2], (0, 1, 2), "linear", True), reference=_reference(), label="keepdims"),
    Case("quantile", (_X, [-0.5, 1.5], 0), reference=_reference(), label="outside"),
    Case("quantile", (integers(-9, 9, 3, 5), 0.3, 1), reference=_reference(), label="integers"),
    Case("quantile", (integers(0, 255, 3, 5, dtype="uint8"), 0.6, 1), reference=_reference(), label="bytes"),
    Case("quantile", (np.array([True, False, True, True]), 0.3), reference=_reference(), label="bool"),
    Case(
        "quantile", (np.array([[3.0, _NAN, 1.0], [3.0, 2.0, 1.0]]), [0.0, 0.6], 1), reference=_reference(), label="nan"
    ),
    Case("quantile", (np.array([1.0, _INF, _INF, 2.0]), [0.2, 0.5, 1.0]), reference=_reference(), label="infinite"),
    Case("quantile", (np.array([-_INF, 1.0, 2.0]), [0.2, 0.5]), reference=_reference(), label="negative-infinity"),
    Case("quantile", (np.array(1.5), 0.3), reference=lambda x, q: x, label="scalar"),
    Case("quantile", (np.zeros((2, 0, 3)), [0.3, 0.4], 1), reference=_reference(), label="empty"),
    Case("quantile", (np.array([2.0, 2.0, 1.0, 2.0]), _PARTS), reference=_reference(), label="ties"),
    *[
        Case("quantile", (_X, [0.0, 0.1, 0.31, 0.5, 1.0], axis, method), reference=_reference(), gradient=("x",))
        for method in _METHODS
        for axis in (0, (1, 2))
    ],
    Case("percentile", (_X, 100 * _PARTS, -1), reference=_reference(100.0), gradient=True, label="axis"),
    Case("percentile", (_X, [30, 50], (0, 1)), reference=_reference(100.0), gradient=("x",), label="axes"),
    Case("percentile", (_X, 35, None, "lower", True), reference=_reference(100.0), label="method"),
    Case("nanquantile", (_holed(3, 4), _PARTS, -1), reference=_reference(skip=True), gradient=True, label="axis"),
    Case(
        "nanquantile", (_holed(3, 4), 0.3), reference=_reference(skip=True), gradient=True, dtypes=FLOATS, label="all"
    ),
    Case(
        "nanquantile", (_holed(2, 3, 4), _PARTS, (0, 2), "nearest", True), reference=_reference(skip=True), label="axes"
    ),
    Case("nanquantile", (np.full((2, 3), _NAN), [0.1, 0.5], 1), reference=_reference(skip=True), label="all-nan"),
    Case(
        "nanquantile", (np.array([_NAN, _INF, 1.0]), [0.0, 0.5, 1.0]), reference=_reference(skip=True), label="infinite"
    ),
    Case("nanquantile", (integers(-9, 9, 3, 5), 0.3, 1), reference=_reference(skip=True), label="integers"),
    Case(
        "nanpercentile", (_holed(3, 4), 100 * _PARTS, 1), reference=_reference(100.0, True), gradient=True, label="axis"
    ),
    Case("nanpercentile", (_holed(3, 4), 50, 0, "higher"), reference=_reference(100.0, True), label="method"),
    Case("median", (apart(2, 3, 4),), reference=_half(), gradient=True, dtypes=FLOATS, label="all"),
    Case("median", (apart(2, 3, 4), 1), reference=_half(), gradient=True, label="axis"),
    Case("median", (apart(2, 3, 4), -1, True), reference=_half(), gradient=True, label="keepdims"),
    Case("median", (apart(2, 3, 4),), {"axis": (0, -1)}, reference=_half(), gradient=True, label="axes"),
    Case("median", (np.array([[3.0, _NAN, 1.0], [3.0, 2.0, 1.0]]), 1), reference=_half(), label="nan"),
    Case("median", (np.array([_INF, 1.0, _INF]),), reference=_half(), label="infinite"),
    Case("median", (np.zeros((0, 3)), 0), reference=_half(), unknown=False, label="empty"),
    Case("median", (integers(-9, 9, 3, 4), 1), reference=_half(), label="integers"),
]
