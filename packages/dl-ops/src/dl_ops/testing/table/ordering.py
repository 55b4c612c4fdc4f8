"""Cases of ordering, searching and counting elements."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import apart, draw, flags, integers
from dl_ops.testing.case import FLOATS, NUMBERS, Case
from dl_ops.typing import Array

_NAN: Final = math.nan
_INF: Final = math.inf


def _top_k(x: Array, k: int, sorted: bool = True) -> tuple[Array, Array]:
    # NaN counts as the largest
    flat = x.reshape(-1, x.shape[-1]).tolist()
    ranks = [math.inf if e != e else e for row in flat for e in row]
    rows = np.array(ranks).reshape(x.shape)
    order = np.argsort(-rows, axis=-1, kind="stable")[..., :k].astype("int64")
    return np.take_along_axis(x, order, -1), order


def _searchsorted(sequence: Array, values: Array, side: str = "left") -> Array:
    def before(element: float, value: float) -> bool:
        if math.isnan(value):
            return side == "right" or not math.isnan(element)
        return element < value or (side == "right" and element == value)

    found = [sum(before(float(e), float(v)) for e in sequence) for v in values.reshape(-1)]
    return np.array(found).reshape(values.shape)


def _bincount(x: Array, weights: Array | None = None, minlength: int = 0) -> Array:
    rows = np.atleast_2d(x)
    y = np.zeros((len(rows), max(minlength, int(x.max(initial=-1)) + 1)))
    for i, row in enumerate(rows):
        for j, element in enumerate(row):
            y[i, element] += 1 if weights is None else np.atleast_2d(weights)[i, j]
    return y if x.ndim == 2 else y[0]


def _histogram(x: Array, bins: int = 10, range: Any = None) -> tuple[Array, Array]:
    low, high = range if range is not None else (float(x.min()), float(x.max())) if x.size else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = low + (high - low) * np.arange(bins + 1) / bins
    counts = np.zeros(bins)
    for element in x.astype("float64"):
        if low <= element <= high:
            counts[min(sum(element >= edges) - 1, bins - 1)] += 1
    return counts, edges


def _is_partition(order: Array, x: Array, kth: int, axis: int | None = -1) -> None:
    assert order.dtype == np.int32
    rows = x.reshape(1, -1) if axis is None else np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])
    orders = order.reshape(1, -1) if axis is None else np.moveaxis(order, axis, -1).reshape(rows.shape)
    for row, indices in zip(rows, orders, strict=True):
        assert sorted(indices.tolist()) == list(range(len(row)))
        pivot = row[indices[kth]]
        assert pivot == sorted(row.tolist())[kth]
        assert all(row[i] <= pivot for i in indices[: kth % len(row)])
        assert all(row[i] >= pivot for i in indices[kth % len(row) :])


CASES: Final = [
    Case("sort", (apart(3, 4),), reference=np.sort, gradient=True, dtypes=NUMBERS, label="last"),
    Case("sort", (apart(3, 4), 0), reference=np.sort, gradient=True, label="axis"),
    Case("argsort", (apart(3, 4),), reference=np.argsort, dtypes=NUMBERS[:2], label="last"),
    Case("argsort", (apart(3, 4), 0), reference=np.argsort, label="axis"),
    Case("top_k", (apart(3, 5), 2), reference=_top_k, gradient=True, dtypes=("float32", "int32")),
    Case("searchsorted", (np.sort(apart(6)), apart(2, 3)), reference=np.searchsorted, label="left"),
    Case(
        "searchsorted",
        (np.array([1, 2, 2, 5], "int32"), np.array([2, 6], "int32"), "right"),
        reference=np.searchsorted,
        label="right",
    ),
    Case("digitize", (apart(2, 3), np.array([-2.0, 0.0, 3.0])), reference=np.digitize),
    Case(
        "bincount",
        (np.array([0, 1, 1, 3], "int32"),),
        {"minlength": 5},
        reference=lambda x, minlength: np.bincount(x, None, minlength),
        symbolic=False,
        label="counts",
    ),
    Case(
        "bincount",
        (np.array([0, 1, 1, 3], "int32"), np.array([0.5, 1.0, 2.0, 4.0])),
        reference=np.bincount,
        symbolic=False,
        label="weights",
    ),
    Case("unique", (np.array([3, 1, 3, 2], "int32"),), reference=np.unique, symbolic=False),
    # -- edges
    Case("sort", (np.array([[_NAN, _INF, 1.0, _NAN, -_INF]]),), reference=np.sort, dtypes=FLOATS, label="nan"),
    Case("sort", (apart(3, 4), None), reference=lambda x, axis: np.sort(x, axis), gradient=True, label="flat"),
    Case("sort", (flags(3, 4), -2), reference=np.sort, label="bool"),
    Case("sort", (np.zeros((2, 0)),), reference=np.sort, label="empty"),
    Case(
        "argsort",
        (np.array([[2.0, _NAN, 1.0, 1.0, _NAN]]),),
        reference=lambda x: np.argsort(x, kind="stable"),
        dtypes=FLOATS,
        label="nan",
    ),
    Case("argsort", (flags(3, 4), 1), reference=lambda x, axis: np.argsort(x, axis, kind="stable"), label="bool"),
    Case(
        "argsort",
        (integers(0, 3, 3, 9), -1),
        reference=lambda x, axis: np.argsort(x, axis, kind="stable"),
        label="ties",
    ),
    Case("top_k", (integers(0, 3, 3, 7), 4), reference=_top_k, label="ties"),
    Case("top_k", (np.array([2.0, _NAN, 5.0, _NAN]), 3), reference=_top_k, dtypes=FLOATS, label="nan"),
    Case("top_k", (apart(2, 3), 3), reference=_top_k, gradient=True, label="all"),
    Case("top_k", (apart(2, 3), 0), reference=_top_k, label="none"),
    *[
        Case(
            "searchsorted",
            (np.array([1.0, 2.0, 2.0, 5.0]), x, side),
            reference=_searchsorted,
            dtypes=FLOATS,
            label=label,
        )
        for side in ("left", "right")
        for label, x in (
            (f"{side}-nan", np.array([[0.0, 2.0], [_NAN, 5.0], [_INF, -_INF]])),
            (f"{side}-scalar", np.array(2.0)),
        )
    ],
    Case("searchsorted", (np.array([False, True]), np.array([True, False])), reference=_searchsorted, label="bool"),
    Case(
        "searchsorted", (integers(1, 2, 1, dtype="uint16"), integers(0, 4, 3, dtype="uint16")), reference=_searchsorted
    ),
    Case("searchsorted", (np.zeros(0), draw(3)), reference=_searchsorted, unknown=("values",), label="empty"),
    Case("digitize", (np.array(1.5), np.array([1.0, 2.0])), reference=np.digitize, label="scalar"),
    Case("digitize", (integers(0, 5, 2, 3), np.array([1.5, 2.0])), reference=np.digitize, label="integers"),
    *[
        Case("bincount", (x, w, minlength), reference=_bincount, symbolic=False, label=label)
        for label, x, w, minlength in (
            ("bytes", np.array([0, 1, 1, 3], "uint8"), None, 0),
            ("batch", np.array([[0, 1, 1], [2, 0, 2]], "int32"), None, 5),
            ("batch-weights", np.array([[0, 1, 1], [2, 0, 2]], "int32"), draw(2, 3), 0),
            ("empty", np.zeros(0, "int32"), None, 2),
            ("nothing", np.zeros(0, "int32"), None, 0),
        )
    ],
    Case("argpartition", (apart(3, 7), 2), verify=_is_partition, dtypes=NUMBERS[:2], label="last"),
    Case("argpartition", (apart(3, 7), -2, 0), verify=_is_partition, label="negative"),
    Case("argpartition", (apart(3, 7), 4, None), verify=_is_partition, label="flat"),
    Case("argpartition", (integers(0, 3, 4, 9), 4), verify=_is_partition, label="ties"),
    Case("argpartition", (flags(4, 5), 1), verify=_is_partition, label="bool"),
    Case("histogram", (draw(9), 4), reference=_histogram, gradient=True, dtypes=FLOATS[:2], label="bins"),
    Case("histogram", (draw(20),), {"range": (-1.3, 1.7)}, reference=_histogram, label="range"),
    Case("histogram", (np.array([0.0, 1.0, 1.0, 2.0, 4.0]), 4), reference=_histogram, label="edges"),
    Case("histogram", (np.array([2.0, 2.0]), 3), reference=_histogram, label="alike"),
    Case("histogram", (np.array([2.0, _NAN, 0.5]), 2, (0, 4)), reference=_histogram, label="nan"),
    Case("histogram", (np.zeros(0), 2), reference=_histogram, unknown=False, label="empty"),
    Case("histogram", (integers(0, 9, 30), 3), reference=_histogram, label="integers"),
    Case("histogram", (np.array([True, True, False]), 2), reference=_histogram, label="bool"),
]
