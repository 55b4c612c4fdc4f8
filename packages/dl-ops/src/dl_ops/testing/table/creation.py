"""Cases of ops that create tensors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw, positive
from dl_ops.testing.case import FLOATS, NUMBERS, Case
from dl_ops.typing import Array


def _shape_only(shape: tuple[int, ...]) -> Callable[..., None]:
    def verify(result: Any, *arguments: Any, **options: Any) -> None:
        assert result.shape == shape

    return verify


def _triangle(n: int) -> Array:
    return np.array([1 - abs(2 * i / (n - 1) - 1) for i in range(n)] if n > 1 else [1.0] * n)


def _cosines(op: str, n: int, *weights: float) -> Case:
    """Case of a taper that is an alternating sum of cosines."""

    def reference(n: int) -> Array:
        angle = 2 * math.pi * np.arange(n) / max(n - 1, 1)
        value = sum((-1) ** k * weight * np.cos(k * angle) for k, weight in enumerate(weights))
        return np.ones(n) if n == 1 else np.asarray(value)

    return Case(op, (n,), reference=reference, label=str(n))


def _kaiser(n: int, beta: float) -> Array:
    def bessel(x: float) -> float:
        return sum((x / 2) ** (2 * k) / math.factorial(k) ** 2 for k in range(40))

    middle = max(n - 1, 1) / 2
    return np.array(
        [bessel(beta * math.sqrt(1 - (i / middle - 1) ** 2)) / bessel(beta) for i in range(n)] if n != 1 else [1.0]
    )


CASES: Final = [
    Case("full", ((2, 3), 1.5), reference=lambda shape, value: np.full(shape, value)),
    Case("full", ((2,), 3, "int32"), reference=lambda shape, value, dtype: np.full(shape, value), label="dtype"),
    Case("full", ((2, 3), draw(3)), reference=lambda shape, value: np.full(shape, value), label="tensor"),
    Case("zeros", ((2, 3),), reference=np.zeros),
    Case("zeros", ((), "int32"), reference=lambda shape, dtype: np.zeros(shape), label="scalar"),
    Case("ones", ((2, 3),), reference=np.ones),
    Case("ones", ((2, 0), "bool"), reference=np.ones, label="empty"),
    Case("empty", ((2, 3),), verify=_shape_only((2, 3))),
    Case("full_like", (draw(2, 3), 2), reference=lambda x, value: np.full_like(x, value), dtypes=NUMBERS),
    Case(
        "full_like", (draw(2, 3), 2, "int32"), reference=lambda x, value, dtype: np.full_like(x, value), label="dtype"
    ),
    Case("zeros_like", (draw(2, 3),), reference=np.zeros_like, dtypes=NUMBERS),
    Case("ones_like", (draw(2, 3),), reference=np.ones_like, dtypes=NUMBERS),
    Case("ones_like", (draw(2, 3), "bool"), reference=lambda x, dtype: np.ones_like(x), label="dtype"),
    Case("empty_like", (draw(2, 3),), verify=_shape_only((2, 3))),
    Case("arange", (5,), reference=np.arange),
    Case("arange", (2, 9, 3), reference=np.arange, label="step"),
    Case("arange", (5, -1, -2), reference=np.arange, label="down"),
    Case("arange", (0.5, 2.0, 0.25), reference=np.arange, label="floats"),
    Case("arange", (4,), {"dtype": "float32"}, reference=lambda n, dtype: np.arange(n), label="dtype"),
    Case("linspace", (0.0, 1.0, 5), reference=np.linspace, label="numbers"),
    Case("linspace", (draw(3), draw(3), 4), reference=np.linspace, gradient=True, label="tensors"),
    Case("linspace", (0.0, 1.0, 4, False), reference=np.linspace, label="open"),
    Case("linspace", (draw(3), draw(3), 4), {"axis": 1}, reference=np.linspace, label="axis"),
    Case("logspace", (0.0, 2.0, 5), reference=np.logspace, label="numbers"),
    Case("logspace", (draw(3), draw(3), 4), {"base": 2.0}, reference=np.logspace, gradient=True, label="tensors"),
    Case(
        "logspace",
        (draw(2, 3), draw(3), 4, False, positive(3)),
        {"axis": -1},
        reference=lambda a, b, n, e, base, axis: np.moveaxis(base ** np.linspace(a + 0 * b, b + 0 * a, n, e), 0, axis),
        gradient=True,
        label="bases",
    ),
    Case(
        "logspace", (0, 3, 4), {"dtype": "int32"}, reference=lambda *a, dtype: np.array([1, 10, 100, 1000]), label="int"
    ),
    Case("logspace", (0, 3, 0), reference=lambda *a: np.zeros(0), label="none"),
    Case("geomspace", (1.0, 1000.0, 4), reference=lambda *a: np.array([1.0, 10.0, 100.0, 1000.0]), label="numbers"),
    Case("geomspace", (-1.0, -16.0, 4, False), reference=lambda *a: -np.array([1.0, 2.0, 4.0, 8.0]), label="negative"),
    Case(
        "geomspace",
        (positive(3), positive(3), 4),
        reference=np.geomspace,
        gradient=True,
        dtypes=FLOATS,
        label="tensors",
    ),
    Case("geomspace", (positive(2, 1), positive(3), 4), {"axis": 1}, reference=np.geomspace, label="axis"),
    Case(
        "geomspace", (np.array([0.0, -1.0]), 2.0, 3), reference=lambda *a: np.full((3, 2), np.nan), label="impossible"
    ),
    Case(
        "geomspace",
        (1, 256, 9),
        {"dtype": "int32"},
        reference=lambda a, b, n, dtype: 2 ** np.arange(n),
        label="int",
    ),
    Case("geomspace", (3.0, 5.0, 1), reference=lambda *a: np.array([3.0]), label="one"),
    *(Case("bartlett", (n,), reference=_triangle, label=str(n)) for n in (0, 1, 2, 5, 8)),
    *(_cosines("hanning", n, 0.5, 0.5) for n in (0, 1, 2, 7)),
    *(_cosines("hamming", n, 0.54, 0.46) for n in (1, 6)),
    *(_cosines("blackman", n, 0.42, 0.5, 0.08) for n in (1, 7)),
    *(
        Case("kaiser", (n, beta), reference=_kaiser, label=f"{n}-{beta}")
        for n, beta in ((0, 3.0), (1, 3.0), (6, 0), (9, 8.6))
    ),
    Case("eye", (3,), reference=np.eye),
    Case("eye", (3, 4, 1), reference=np.eye, label="diagonal"),
    Case("eye", (2, 3), {"k": -1, "dtype": "int32"}, reference=lambda n, m, k, dtype: np.eye(n, m, k), label="dtype"),
    Case("identity", (3,), reference=np.identity),
    Case("tri", (3, 4, 1), reference=np.tri),
    Case("tri", (3, 0), reference=np.tri, label="empty"),
    Case("tri", (2, 3, -5), reference=np.tri, label="far"),
    Case("tril", (draw(0, 3),), reference=np.tril, label="empty"),
    Case("triu", (draw(3, 2), 7), reference=np.triu, label="far"),
    Case("tril", (draw(2, 3, 4),), reference=np.tril, gradient=True, dtypes=NUMBERS),
    Case("triu", (draw(2, 3, 4), -1), reference=np.triu, gradient=True, dtypes=NUMBERS),
]
