"""Cases of picking and placing elements."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.numpy.indexing import TENSOR
from dl_ops.testing.arrays import apart, draw, integers
from dl_ops.testing.case import NUMBERS, Case
from dl_ops.typing import Array

_X = draw(3, 4, 5)
_ROWS = np.array([2, 0, 2], "int32")
_POINTS = np.array([[0, 1], [2, 3], [0, 1]], "int32")
_DISTINCT = np.array([[0, 1], [2, 3], [1, 0]], "int32")


def _scatter_update(combine: Callable[..., Any]) -> Callable[..., Any]:
    def reference(x: Array, indices: Array, updates: Array, reduction: Any = None) -> Array:
        x = x.copy()
        for index, update in zip(indices, updates, strict=True):
            x[tuple(index)] = combine(x[tuple(index)], update)
        return x

    return reference


def _scatter(indices: Array, values: Array, shape: Any) -> Array:
    y = np.zeros(shape, values.dtype)
    for index, value in zip(indices, values, strict=True):
        y[tuple(index)] += value
    return y


def _slice(x: Array, start: Any, shape: Any) -> Array:
    return x[tuple(builtins.slice(a, a + n) for a, n in zip(np.asarray(start), shape, strict=True))]


def _slice_update(x: Array, start: Any, updates: Array) -> Array:
    x = x.copy()
    x[tuple(builtins.slice(a, a + n) for a, n in zip(np.asarray(start), updates.shape, strict=True))] = updates
    return x


def _segments(start: float, combine: Callable[..., Any]) -> Callable[..., Any]:
    def reference(data: Array, ids: Array, num_segments: int | None = None, sorted: bool = False) -> Array:
        y = np.full((num_segments or int(ids.max()) + 1, *data.shape[1:]), start)
        for row, i in zip(data, ids, strict=True):
            y[i] = combine(y[i], row)
        return y

    return reference


def _get(key: Any, *, label: str, symbolic: bool = True) -> Case:
    entries = key if isinstance(key, tuple) else (key,)
    return Case(
        "get_item",
        (_X, entries),
        reference=lambda x, key: x[key],
        gradient=True,
        dtypes=NUMBERS,
        label=label,
        symbolic=symbolic,
    )


def _gather(key: Any, *, label: str, symbolic: bool = True) -> Case:
    entries = key if isinstance(key, tuple) else (key,)
    tensors = [entry for entry in entries if isinstance(entry, np.ndarray)]
    marked = tuple(TENSOR if isinstance(entry, np.ndarray) else entry for entry in entries)
    return Case(
        "gather_item",
        (_X, tensors, marked),
        reference=lambda x, *arguments: x[key],
        gradient=True,
        dtypes=NUMBERS,
        label=label,
        symbolic=symbolic,
    )


_IDS = np.array([0, 2, 0, 3], "int32")

CASES: Final = [
    _get(1, label="int"),
    _get(-1, label="negative"),
    _get(builtins.slice(1, None), label="slice"),
    _get(builtins.slice(None, None, -1), label="reverse"),
    _get((builtins.slice(None), 2), label="column"),
    _get((Ellipsis, builtins.slice(1, 4, 2)), label="ellipsis"),
    _get((None, 0, Ellipsis, None), label="new-axes"),
    _get((0, builtins.slice(1, 3), -1), label="mixed"),
    _gather(_ROWS, label="tensor"),
    _gather((builtins.slice(None), np.array([[3, 0], [1, 1]], "int32")), label="matrix"),
    _gather((_ROWS, np.array([0, 3, 0], "int32")), label="two"),
    _gather((_ROWS, builtins.slice(1, 3), np.array([4, 0, 4], "int32")), label="apart"),
    _gather((0, Ellipsis, np.array([4, 0, 4], "int32")), label="number"),
    _gather(np.array([True, False, True]), label="mask", symbolic=False),
    Case("take", (_X, _ROWS, 0), reference=np.take, gradient=True, dtypes=NUMBERS, label="rows"),
    Case("take", (_X, integers(0, 4, 2, 3), 1), reference=np.take, gradient=True, label="matrix-of-indices"),
    Case("take", (_X, np.array([-1, 0], "int32"), -1), reference=np.take, gradient=True, label="negative"),
    Case("take", (_X, np.array([7, 59, 7], "int32")), reference=np.take, gradient=True, label="flat"),
    Case("take", (_X, 1, 0), reference=np.take, gradient=True, label="number"),
    Case(
        "take_along_axis",
        (_X, integers(0, 4, 3, 2, 5), 1),
        reference=np.take_along_axis,
        gradient=True,
        dtypes=NUMBERS,
        label="axis",
    ),
    Case(
        "take_along_axis", (_X, integers(0, 5, 3, 4, 6), -1), reference=np.take_along_axis, gradient=True, label="last"
    ),
    Case("diagonal", (draw(3, 4),), reference=np.diagonal, gradient=True, dtypes=NUMBERS, label="matrix"),
    Case("diagonal", (_X, 1, 1, 2), reference=np.diagonal, gradient=True, label="axes"),
    Case("diag", (draw(3),), reference=np.diag, gradient=True, label="make"),
    Case("diag", (draw(3, 4), 1), reference=np.diag, gradient=True, label="take"),
    Case("diagonal", (_X, -1, -1, -2), reference=np.diagonal, gradient=True, label="negative axes"),
    *(Case("diagonal", (draw(3, 4), k), reference=np.diagonal, label=f"far {k}") for k in (5, -5)),
    Case("diagonal", (draw(0, 3),), reference=np.diagonal, label="empty"),
    Case("diag", (draw(2), -2), reference=np.diag, gradient=True, label="below"),
    Case("diag", (draw(0), 1), reference=np.diag, label="empty"),
    Case("trace", (draw(3, 4), 9), reference=np.trace, label="far"),
    Case("trace", (_X, 0, -2, -1), reference=np.trace, label="negative axes"),
    Case("diagflat", (draw(3),), reference=np.diagflat, gradient=True, dtypes=NUMBERS, label="vector"),
    Case("diagflat", (draw(2, 2), -1), reference=np.diagflat, gradient=True, label="below"),
    Case("diagflat", (draw(0), 2), reference=np.diagflat, label="empty"),
    Case("diagflat", (np.array(3.0),), reference=np.diagflat, label="scalar"),
    Case("trace", (draw(3, 4),), reference=np.trace, gradient=True, dtypes=NUMBERS, label="matrix"),
    Case("trace", (_X, 1, 1, 2), reference=np.trace, gradient=True, label="axes"),
    Case("meshgrid", (draw(3), draw(4)), reference=lambda *x: list(np.meshgrid(*x)), gradient=True, label="xy"),
    Case(
        "meshgrid",
        (draw(3), draw(4)),
        {"indexing": "ij"},
        reference=lambda *x, indexing: list(np.meshgrid(*x, indexing=indexing)),
        label="ij",
    ),
    Case("nonzero", (np.array([[1.0, 0.0], [0.0, 2.0]]),), reference=lambda x: tuple(np.nonzero(x)), symbolic=False),
    Case(
        "select",
        ([np.array([True, False, False]), np.array([True, True, False])], [draw(3), draw(3)], 0.5),
        reference=np.select,
        gradient=True,
    ),
    # -- placing
    Case(
        "scatter",
        (_POINTS, draw(3), (3, 4)),
        reference=_scatter,
        gradient=True,
        dtypes=NUMBERS,
        label="points",
    ),
    Case("scatter", (_ROWS[:, None], draw(3, 2), (4, 2)), reference=_scatter, gradient=True, label="rows"),
    Case(
        "scatter_update",
        (draw(3, 4), _DISTINCT, draw(3)),
        reference=_scatter_update(lambda a, b: b),
        gradient=True,
        dtypes=NUMBERS,
        label="set",
    ),
    Case(
        "scatter_update",
        (draw(3, 4), _POINTS, draw(3), "add"),
        reference=_scatter_update(np.add),
        gradient=True,
        label="add",
    ),
    Case(
        "scatter_update",
        (draw(3, 4), _DISTINCT, draw(3), "max"),
        reference=_scatter_update(np.maximum),
        gradient=True,
        label="max",
    ),
    Case(
        "scatter_update",
        (draw(3, 4), _DISTINCT, draw(3), "min"),
        reference=_scatter_update(np.minimum),
        gradient=True,
        label="min",
    ),
    Case(
        "scatter_update",
        (draw(3, 4), _DISTINCT, draw(3), "mul"),
        reference=_scatter_update(np.multiply),
        gradient=True,
        label="mul",
    ),
    Case(
        "scatter_update",
        (draw(4, 2), np.array([[3], [1]], "int32"), draw(2, 2)),
        reference=_scatter_update(lambda a, b: b),
        gradient=True,
        label="rows",
    ),
    Case(
        "slice",
        (_X, [1, 0, 2], (2, 3, 2)),
        reference=_slice,
        gradient=True,
        dtypes=NUMBERS,
        label="numbers",
    ),
    Case(
        "slice",
        (_X, np.array([1, 0, 2], "int32"), (2, 3, 2)),
        reference=_slice,
        gradient=True,
        label="tensor",
    ),
    Case(
        "slice_update",
        (_X, [1, 0, 2], draw(2, 3, 2)),
        reference=_slice_update,
        gradient=True,
        dtypes=NUMBERS,
    ),
    # -- segments
    Case(
        "segment_sum",
        (draw(4, 3), _IDS, 5),
        reference=_segments(0.0, np.add),
        gradient=True,
        dtypes=("float32", "int32"),
        label="number",
    ),
    Case("segment_sum", (draw(4, 3), _IDS), reference=_segments(0.0, np.add), symbolic=False, label="by-largest"),
    Case(
        "segment_max",
        (apart(4, 3), np.array([0, 1, 0, 1], "int32"), 2),
        reference=_segments(-np.inf, np.maximum),
        gradient=True,
    ),
    Case(
        "segment_min",
        (apart(4, 3), np.array([0, 1, 0, 1], "int32"), 2),
        reference=_segments(np.inf, np.minimum),
        gradient=True,
    ),
    Case(
        "segment_prod",
        (apart(4, 3), np.array([0, 1, 0, 1], "int32"), 2),
        reference=_segments(1.0, np.multiply),
        gradient=True,
    ),
]
