"""Cases of differences, correlations and products along an axis."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import apart, draw, flags, integers, nonzero
from dl_ops.testing.case import ALL, FLOATS, NUMBERS, Case
from dl_ops.typing import Array

_NAN: Final = math.nan


def _diff(a: Array, n: int = 1, axis: int = -1) -> Array:
    rows = np.moveaxis(a, axis, 0)
    for _ in range(n):
        pairs = [(later != earlier) if a.dtype == bool else later - earlier for earlier, later in pairwise(rows)]
        rows = np.array(pairs, rows.dtype).reshape(len(pairs), *rows.shape[1:])
    return np.moveaxis(rows, 0, axis)


def _trapezoid(y: Array, x: Array | None = None, dx: float = 1.0, axis: int = -1) -> Array:
    rows = np.moveaxis(y, axis, 0).astype("float64")
    points = np.arange(len(rows)) * dx if x is None else x if x.ndim == 1 else np.moveaxis(x, axis, 0)
    total = np.zeros(rows.shape[1:])
    for i in range(len(rows) - 1):
        total += (points[i + 1] - points[i]) * (rows[i] + rows[i + 1]) / 2
    return total


def _correlate(x1: Array, x2: Array, mode: str = "valid") -> Array:
    full = [
        sum(float(x1[i + k]) * float(x2[i]) for i in range(len(x2)) if 0 <= i + k < len(x1))
        for k in range(1 - len(x2), len(x1))
    ]
    short, long = sorted((len(x1), len(x2)))
    if mode == "full":
        return np.array(full)
    if mode == "valid":
        return np.array(full[short - 1 : long])
    start = (short - 1) // 2 if len(x1) >= len(x2) else short // 2
    return np.array(full[start : start + long])


def _corrcoef(x: Array) -> Array:
    rows = np.atleast_2d(x.astype("float64"))
    rows = rows - rows.mean(1, keepdims=True)
    y = np.array([[np.sum(a * b) / math.sqrt(np.sum(a * a) * np.sum(b * b) or _NAN) for a in rows] for b in rows])
    return y if x.ndim == 2 else y[0, 0]


def _vander(x: Array, N: int | None = None, increasing: bool = False) -> Array:  # the op's name for it
    count = len(x) if N is None else N
    y = np.array([[float(element) ** power for power in range(count)] for element in x]).reshape(len(x), count)
    return y if increasing else y[:, ::-1]


def _cross(x1: Array, x2: Array, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    vectors = [list(np.moveaxis(x, axis, 0)) for x, axis in ((x1, axisa), (x2, axisb))]
    flat = [len(v) for v in vectors] == [2, 2]
    a, b = ([*v, np.zeros_like(v[0])][:3] for v in vectors)
    z = a[0] * b[1] - a[1] * b[0]
    return z if flat else np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], z], axisc)


def _ptp(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    x = x.astype("float64")
    return np.asarray(np.max(x, axis=axis, keepdims=keepdims) - np.min(x, axis=axis, keepdims=keepdims))


_X: Final = draw(3, 4, 5)
_TIMES: Final = np.array([0.1, 0.4, 1.5, 1.7])

CASES: Final = [
    Case("diff", (_X,), reference=_diff, gradient=True, dtypes=NUMBERS, label="last"),
    Case("diff", (_X, 2, 1), reference=_diff, gradient=True, label="twice"),
    Case("diff", (_X, 1, 0), reference=_diff, gradient=True, label="first"),
    Case("diff", (_X, 0), reference=_diff, gradient=True, label="none"),
    Case("diff", (draw(2, 3), 5), reference=_diff, label="more-than-there-are"),
    Case("diff", (draw(2, 0),), reference=_diff, label="empty"),
    Case("diff", (flags(3, 4),), reference=_diff, label="bool"),
    Case("diff", (flags(3, 4), 2, 0), reference=_diff, label="bool-twice"),
    Case("diff", (np.array([1, 0, 3], "uint8"),), reference=lambda a: np.array([255, 3]), label="wraps"),
    Case("trapezoid", (_X,), reference=_trapezoid, gradient=True, dtypes=FLOATS, label="last"),
    Case("trapezoid", (_X, None, 0.3, 0), reference=_trapezoid, gradient=True, label="distance"),
    Case("trapezoid", (_X, _TIMES, 1.0, 1), reference=_trapezoid, gradient=True, label="points"),
    Case("trapezoid", (_X, draw(3, 4, 5), 1.0, -2), reference=_trapezoid, gradient=True, label="each"),
    Case("trapezoid", (_TIMES, _TIMES[::-1].copy()), reference=_trapezoid, gradient=True, label="vector"),
    Case("trapezoid", (draw(1),), reference=_trapezoid, label="one"),
    Case("trapezoid", (draw(3, 4),), reference=_trapezoid, dtypes=ALL[2:], label="integers"),
    Case(
        "trapezoid",
        (np.array([1, 1], "uint8"), np.array([5, 2], "uint8")),
        reference=lambda y, x: np.array(-3.0),
        label="downwards",
    ),
    Case("corrcoef", (draw(3, 7),), reference=_corrcoef, gradient=True, dtypes=FLOATS, label="rows"),
    Case("corrcoef", (draw(2, 5),), reference=_corrcoef, label="two"),
    Case("corrcoef", (draw(5),), reference=_corrcoef, label="vector"),
    Case("corrcoef", (integers(0, 9, 2, 6),), reference=_corrcoef, label="integers"),
    Case("corrcoef", (np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 1.0]]),), reference=_corrcoef, label="constant"),
    *[
        Case(
            "correlate",
            (x1, x2, mode),
            reference=_correlate,
            gradient=True,
            unknown=False,
            label=f"{mode}-{len(x1)}-{len(x2)}",
        )
        for mode in ("valid", "same", "full")
        for x1, x2 in (
            (draw(6), draw(3)),
            (draw(5), draw(4)),
            (draw(3), draw(5)),
            (draw(2), draw(6)),
            (draw(4), draw(4)),
        )
    ],
    Case("correlate", (draw(6), draw(3)), reference=_correlate, dtypes=FLOATS, label="default"),
    Case(
        "correlate",
        (integers(-5, 5, 4), integers(-5, 5, 2), "full"),
        reference=_correlate,
        unknown=False,
        label="integers",
    ),
    Case("vander", (nonzero(4),), reference=_vander, gradient=True, dtypes=NUMBERS, tolerance=2, label="square"),
    Case("vander", (nonzero(3), 5), reference=_vander, gradient=True, label="wide"),
    Case("vander", (nonzero(3), 2, True), reference=_vander, gradient=True, label="increasing"),
    Case("vander", (np.array([0.0, 2.0]), 4), reference=_vander, gradient=True, label="zero"),
    Case("vander", (draw(3), 1), reference=_vander, label="ones"),
    Case("vander", (draw(3), 0), reference=_vander, label="no-columns"),
    Case("vander", (np.array([True, False]), 3), reference=_vander, label="bool"),
    Case("vander", (np.array([2, 3], "int8"), 3), reference=_vander, label="small-integers"),
    Case(
        "cross", (draw(4, 3), draw(4, 3)), reference=_cross, gradient=True, dtypes=NUMBERS, tolerance=2, label="space"
    ),
    Case("cross", (draw(4, 2), draw(4, 2)), reference=_cross, gradient=True, label="plane"),
    Case("cross", (draw(4, 3), draw(4, 2)), reference=_cross, gradient=True, label="mixed"),
    Case("cross", (draw(2), draw(3)), reference=_cross, gradient=True, unknown=False, label="vectors"),
    Case("cross", (draw(4, 3), draw(3)), reference=_cross, gradient=True, unknown=("x1",), label="broadcast"),
    Case("cross", (draw(5, 3, 4), draw(5, 4, 3), -2, 2, 1), reference=_cross, gradient=True, label="axes"),
    Case("cross", (draw(5, 3, 4), draw(5, 3, 4)), {"axis": 1}, reference=_cross, gradient=True, label="axis"),
    Case("cross", (flags(4, 3), integers(0, 5, 4, 3)), reference=_cross, label="dtypes"),
    Case("ptp", (apart(2, 3, 4),), reference=_ptp, gradient=True, dtypes=NUMBERS, label="all"),
    Case("ptp", (apart(2, 3, 4), -1), reference=_ptp, gradient=True, label="axis"),
    Case("ptp", (apart(2, 3, 4), (0, -1), True), reference=_ptp, gradient=True, label="axes"),
    Case("ptp", (np.array([[1.0, _NAN], [3.0, 5.0]]), 1), reference=_ptp, label="nan"),
    Case("ptp", (np.array(1.5),), reference=_ptp, label="scalar"),
    Case("ptp", (flags(2, 3), 1), reference=_ptp, label="bool"),
]
