"""Cases of ops that create tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw
from dl_ops.testing.case import NUMBERS, Case


def _shape_only(shape: tuple[int, ...]) -> Callable[..., None]:
    def verify(result: Any, *arguments: Any, **options: Any) -> None:
        assert result.shape == shape

    return verify


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
    Case("eye", (3,), reference=np.eye),
    Case("eye", (3, 4, 1), reference=np.eye, label="diagonal"),
    Case("eye", (2, 3), {"k": -1, "dtype": "int32"}, reference=lambda n, m, k, dtype: np.eye(n, m, k), label="dtype"),
    Case("identity", (3,), reference=np.identity),
    Case("tri", (3, 4, 1), reference=np.tri),
    Case("tril", (draw(2, 3, 4),), reference=np.tril, gradient=True, dtypes=NUMBERS),
    Case("triu", (draw(2, 3, 4), -1), reference=np.triu, gradient=True, dtypes=NUMBERS),
]
