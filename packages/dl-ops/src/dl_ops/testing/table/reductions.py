"""Cases of reductions and of scans along axes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import apart, draw, flags, integers, nonzero
from dl_ops.testing.case import ALL, FLOATS, NUMBERS, Case
from dl_ops.typing import Array


def reduction(op: str, x: Array, reference: Callable[..., Any], *, gradient: bool = True, **options: Any) -> list[Case]:
    """Cases of a reduction over all, one and several axes."""
    return [
        Case(op, (x,), reference=reference, gradient=gradient, label="all", **options),
        Case(op, (x, 1), reference=reference, gradient=gradient, label="axis", **options),
        Case(
            op,
            (x, -1, True),
            reference=lambda x, a, k: reference(x, axis=a, keepdims=k),
            gradient=gradient,
            label="keepdims",
        ),
        Case(op, (x,), {"axis": (0, -1)}, reference=reference, gradient=gradient, label="axes", **options),
    ]


def _logsumexp(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return np.asarray(np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)))


def _index(op: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis=None, keepdims=False: op(x, axis=axis, keepdims=keepdims)


_X = draw(2, 3, 4)
_NAN: Final = math.nan
_INF: Final = math.inf

CASES: Final = [
    *reduction("sum", _X, np.sum, dtypes=(*NUMBERS, "bool")),
    Case("sum", (np.array(1.5),), reference=np.sum, gradient=True, label="scalar"),
    Case("sum", (np.zeros((0, 3)), 0), reference=np.sum, label="empty"),
    Case("sum", (np.full(300, 100, "int8"),), reference=lambda x: 30000, label="small-integers"),
    *reduction("prod", nonzero(2, 3, 4), np.prod),
    Case("prod", (np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0]]), 1), reference=np.prod, gradient=True, label="zeros"),
    *reduction("mean", _X, np.mean, dtypes=(*NUMBERS, "bool")),
    *reduction("var", _X, np.var),
    *reduction("std", _X, np.std),
    *reduction("max", apart(2, 3, 4), np.max, dtypes=NUMBERS),
    *reduction("min", apart(2, 3, 4), np.min, dtypes=NUMBERS),
    Case(
        "max",
        (apart(3, 4), 1, False, 2.0),
        reference=lambda x, a, k, i: np.max(x, a, initial=i),
        gradient=True,
        label="initial",
    ),
    Case(
        "min",
        (apart(3, 4), 1, False, 2.0),
        reference=lambda x, a, k, i: np.min(x, a, initial=i),
        gradient=True,
        label="initial",
    ),
    *reduction("amax", apart(2, 3, 4), np.amax),
    *reduction("amin", apart(2, 3, 4), np.amin),
    *reduction("any", flags(2, 3, 4), np.any, gradient=False),
    *reduction("all", flags(2, 3, 4), np.all, gradient=False),
    *reduction("logsumexp", _X, _logsumexp),
    Case("logsumexp", (np.array([1000.0, 1000.0]),), reference=lambda x: 1000 + np.log(2), label="large"),
    Case("argmax", (apart(3, 4),), reference=np.argmax, dtypes=NUMBERS, label="all"),
    Case("argmax", (apart(3, 4), 1), reference=np.argmax, dtypes=NUMBERS, label="axis"),
    Case("argmax", (apart(3, 4), 0, True), reference=_index(np.argmax), label="keepdims"),
    Case("argmin", (apart(3, 4),), reference=np.argmin, dtypes=NUMBERS, label="all"),
    Case("argmin", (apart(3, 4), 1), reference=np.argmin, dtypes=NUMBERS, label="axis"),
    Case("argmin", (apart(3, 4), 0, True), reference=_index(np.argmin), label="keepdims"),
    Case("argmax", (np.array([1.0, 3.0, 3.0]),), reference=np.argmax, label="first-of-equals"),
    Case("argmin", (np.array([[1.0, _NAN, _NAN], [4.0, 3.0, 3.0]]), -1), reference=np.argmin, label="nan"),
    Case(
        "argmax", (np.array([[_INF, _NAN, 5.0], [4.0, 3.0, 3.0]]), -1), reference=np.argmax, dtypes=FLOATS, label="nan"
    ),
    Case("argmax", (flags(3, 4), 1), reference=np.argmax, label="bool"),
    Case("argmin", (integers(0, 9, 3, 4, dtype="uint16"), 1), reference=np.argmin, label="uint16"),
    Case("max", (np.array([[1.0, _NAN], [2.0, 3.0]]), 1), reference=np.max, dtypes=FLOATS, label="nan"),
    Case("min", (flags(3, 4), 1), reference=np.min, label="bool"),
    Case(
        "max", (np.zeros((2, 0)), 1, False, 2.0), reference=lambda *_: np.array([2.0, 2.0]), label="initial-of-nothing"
    ),
    *[
        Case(op, (_X,), {"axis": ()}, reference=reference, label="no-axes")
        for op, reference in (
            ("sum", np.sum),
            ("max", np.max),
            ("mean", np.mean),
            ("count_nonzero", lambda x, axis: np.ones(x.shape)),
            ("logsumexp", lambda x, axis: x),
        )
    ],
    *[
        Case(
            op, (np.zeros((0, 3)), 0), reference=lambda *_, value=value: np.full(3, value), unknown=False, label="empty"
        )
        for op, value in (("mean", _NAN), ("var", _NAN), ("std", _NAN), ("prod", 1.0), ("logsumexp", -_INF))
    ],
    Case("mean", (np.array(1.5),), reference=np.mean, label="scalar"),
    Case("var", (np.array([[1.0, _NAN], [3.0, 5.0]]), 1), reference=np.var, label="nan"),
    Case("count_nonzero", (draw(3, 4), 1), reference=np.count_nonzero, dtypes=ALL),
    Case("count_nonzero", (draw(3, 4),), reference=np.count_nonzero, label="all"),
    Case("average", (_X, 1), reference=np.average, gradient=True, label="mean"),
    Case(
        "average",
        (_X, 1, np.array([0.2, 0.5, 0.8])),
        reference=lambda x, axis, w: np.average(x, axis, w),
        gradient=True,
        label="weights",
    ),
    Case("cumsum", (_X, 1), reference=np.cumsum, gradient=True, dtypes=NUMBERS, label="axis"),
    Case("average", (_X, (0, -1), draw(2, 3, 4) + 3.0), reference=np.average, gradient=True, label="axes"),
    Case(
        "average", (integers(0, 9, 3, 4), -1, np.array([1, 2, 0, 1], "int32")), reference=np.average, label="integers"
    ),
    Case("cumsum", (_X,), reference=np.cumsum, gradient=True, label="all"),
    Case("cumsum", (flags(3, 4), -1), reference=np.cumsum, label="bool"),
    Case("cumsum", (np.zeros((2, 0)), 1), reference=np.cumsum, label="empty"),
    Case("cumsum", (_X, -2, "int32"), reference=lambda x, axis, dtype: np.cumsum(np.trunc(x), axis), label="dtype"),
    Case("cumsum", (np.array(1.5),), reference=np.cumsum, label="scalar"),
    Case("cumprod", (np.array([2.0, _NAN, 1.0]),), reference=np.cumprod, label="nan"),
    Case("cumprod", (nonzero(2, 3, 4), -1), reference=np.cumprod, gradient=True, dtypes=NUMBERS, label="axis"),
    Case("cumprod", (np.array([2.0, 0.0, 3.0, 0.0, 1.0]),), reference=np.cumprod, gradient=True, label="zeros"),
]
