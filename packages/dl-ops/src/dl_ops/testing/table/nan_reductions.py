"""Cases of reductions and scans that leave NaN out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import apart, draw, nonzero
from dl_ops.testing.case import ALL, FLOATS, Case
from dl_ops.typing import Array

_NAN: Final = math.nan


def _holed(x: Array) -> Array:
    """`x` of two dimensions or more with some NaN in it, and one slice along the last axis nearly full of them."""
    x = x.copy()
    x[..., 0, 1] = x[..., 1, 0] = _NAN
    x.reshape(-1, x.shape[-1])[0, 1:] = _NAN
    return x


def _skipping(reduce: Callable[[Array], float], otherwise: float = _NAN) -> Callable[..., Any]:
    """Reference of a reduction, one slice at a time, from a function of the elements that are not NaN."""

    def reference(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % max(x.ndim, 1))
        y = np.empty([1 if i in axes else size for i, size in enumerate(x.shape)])
        for index in np.ndindex(*y.shape):
            part = x[tuple(slice(None) if i in axes else position for i, position in enumerate(index))]
            known = np.array([float(element) for element in part.reshape(-1) if not np.isnan(float(element))])
            y[index] = reduce(known) if len(known) else otherwise
        return y if keepdims else y.reshape([size for i, size in enumerate(x.shape) if i not in axes])

    return reference


def _position(best: Callable[[list[float]], float]) -> Callable[..., Any]:
    def reference(x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
        along = x.reshape(-1) if axis is None else np.moveaxis(x, axis, -1)
        rows = along.reshape(-1, along.shape[-1]).tolist()
        found = [
            next((i for i, element in enumerate(row) if element == best([e for e in row if e == e] or [_NAN])), -1)
            for row in rows
        ]
        y = np.array(found).reshape(along.shape[:-1])
        if not keepdims:
            return y
        return y.reshape((1,) * x.ndim) if axis is None else np.expand_dims(y, axis)

    return reference


def _scan(step: Callable[[float, float], float], start: float) -> Callable[..., Any]:
    def reference(x: Array, axis: int | None = None, dtype: Any = None) -> Array:
        along = x.reshape(1, -1) if axis is None else np.moveaxis(x, axis, -1)
        y = np.empty(along.shape)
        for index in np.ndindex(*along.shape[:-1]):
            total = start
            for i, element in enumerate(along[index].tolist()):
                total = total if element != element else step(total, element)
                y[(*index, i)] = total
        return y.reshape(-1) if axis is None else np.moveaxis(y, -1, axis)

    return reference


def _variance(x: Array) -> float:
    return float(sum((element - sum(x) / len(x)) ** 2 for element in x) / len(x))


def _reduction(op: str, x: Array, reduce: Callable[[Array], Any], otherwise: float = _NAN) -> list[Case]:
    reference = _skipping(reduce, otherwise)
    holed = _holed(x)
    return [
        Case(op, (holed,), reference=reference, gradient=True, dtypes=(*FLOATS, "int32")[:3], label="all"),
        Case(op, (holed, -1), reference=reference, gradient=True, label="axis"),
        Case(op, (holed,), {"axis": (0, -1), "keepdims": True}, reference=reference, gradient=True, label="axes"),
        Case(op, (x, 0, True), reference=reference, gradient=True, dtypes=("float32", "int32"), label="none"),
        Case(op, (np.array([[_NAN, _NAN], [1.0, 2.0]]), 1), reference=reference, label="all-nan"),
        Case(op, (np.array(1.5),), reference=reference, label="scalar"),
    ]


CASES: Final = [
    *_reduction("nansum", draw(2, 3, 4), np.sum, 0.0),
    *_reduction("nanprod", nonzero(2, 3, 4), np.prod, 1.0),
    *_reduction("nanmax", apart(2, 3, 4), np.max),
    *_reduction("nanmin", apart(2, 3, 4), np.min),
    *_reduction("nanmean", draw(2, 3, 4), np.mean),
    *_reduction("nanmedian", apart(2, 3, 4), lambda x: (np.sort(x)[(len(x) - 1) // 2] + np.sort(x)[len(x) // 2]) / 2),
    *[
        case
        for op, reduce in (("nanvar", _variance), ("nanstd", lambda x: math.sqrt(_variance(x))))
        for case in _reduction(op, draw(2, 3, 4), reduce)
        # of one element the deviation is 0, where its root has no derivative
        if (op, case.label) != ("nanstd", "axis")
    ],
    *[
        Case(op, (np.array([1, 0, 1], "bool"),), reference=_skipping(reduce), label="bool")
        for op, reduce in (("nansum", np.sum), ("nanmean", np.mean), ("nanmax", np.max), ("nanmedian", np.median))
    ],
    Case("nansum", (np.full(300, 100, "int8"),), reference=lambda x: 30000, label="small-integers"),
    Case("nansum", (np.zeros((0, 3)), 0), reference=_skipping(np.sum, 0.0), label="empty"),
    Case("nanmean", (np.zeros((0, 3)), 0), reference=_skipping(np.mean), unknown=False, label="empty"),
    Case("nanmean", (np.full(9000, 10.0),), reference=np.mean, dtypes=("float16", "bfloat16"), label="large-sum"),
    Case("nanmax", (np.array([-math.inf, _NAN]),), reference=_skipping(np.max), label="infinite"),
    Case("nanmin", (np.array([[math.inf, _NAN]]), 1), reference=_skipping(np.min), label="infinite"),
    *[
        case
        for op, best in (("nanargmax", max), ("nanargmin", min))
        for case in (
            Case(op, (_holed(apart(2, 3, 4)),), reference=_position(best), dtypes=FLOATS, label="all"),
            Case(op, (_holed(apart(2, 3, 4)), -1), reference=_position(best), label="axis"),
            Case(op, (_holed(apart(2, 3, 4)), 1, True), reference=_position(best), label="keepdims"),
            Case(op, (_holed(apart(3, 4)), None, True), reference=_position(best), label="all-keepdims"),
            Case(op, (apart(3, 4), 0), reference=_position(best), dtypes=ALL[2:], label="integers"),
            Case(op, (np.array([[_NAN, _NAN], [_NAN, 1.0]]), 1), reference=_position(best), label="all-nan"),
            Case(op, (np.array([_NAN, 2.0, 2.0]),), reference=_position(best), label="first-of-equals"),
            Case(op, (np.array([_NAN, math.inf, -math.inf]),), reference=_position(best), label="infinite"),
            Case(op, (np.array([_NAN, -math.inf]),), reference=_position(best), label="negative-infinity"),
        )
    ],
    *[
        case
        for op, x, reference in (
            ("nancumsum", draw(2, 3, 4), _scan(lambda a, b: a + b, 0.0)),
            ("nancumprod", nonzero(2, 3, 4), _scan(lambda a, b: a * b, 1.0)),
        )
        for case in (
            Case(op, (_holed(x), -1), reference=reference, gradient=True, dtypes=FLOATS, label="axis"),
            Case(op, (_holed(x),), reference=reference, gradient=True, label="all"),
            Case(op, (x, 0), reference=reference, dtypes=("int32", "bool"), label="integers"),
            Case(op, (np.array([_NAN, 2.0, 3.0]), 0, "int32"), reference=reference, label="dtype"),
        )
    ],
]
