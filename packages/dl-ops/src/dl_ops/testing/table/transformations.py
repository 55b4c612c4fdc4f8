"""Cases of transformations of functions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops import ops
from dl_ops.testing.arrays import draw
from dl_ops.testing.case import Case

_X = draw(4, 3)
_D = draw(4, 3)


def _scaled(x: Any, scale: Any) -> Any:
    return {"sin": ops.sin(x) * scale, "sum": ops.sum(x)}


def _cubed(pair: Any) -> Any:
    # differentiated by hand, and rightly
    x = pair["x"]
    return x * x * x, lambda upstream: [3.0 * x * x * upstream]


CASES: Final = [
    Case(
        "jvp",
        (lambda x: ops.sin(x), (_X,), (_D,)),
        reference=lambda f, primals, tangents: (np.sin(primals[0]), np.cos(primals[0]) * tangents[0]),
        dtypes=("float32", "bfloat16"),
        tolerance=2.0,
        gradient=True,
        label="one-argument",
    ),
    Case(
        "jvp",
        (_scaled, [_X, draw(3)], [_D, draw(3)]),
        reference=lambda f, primals, tangents: (
            {"sin": np.sin(primals[0]) * primals[1], "sum": np.sum(primals[0])},
            {
                "sin": np.cos(primals[0]) * tangents[0] * primals[1] + np.sin(primals[0]) * tangents[1],
                "sum": np.sum(tangents[0]),
            },
        ),
        gradient=True,
        unknown=False,
        label="structures",
    ),
    Case(
        "jvp",
        (lambda x: (x * x, x + 1.0), (_X,), (_D,)),
        {"has_aux": True},
        reference=lambda f, primals, tangents, has_aux: (
            primals[0] ** 2,
            2 * primals[0] * tangents[0],
            primals[0] + 1,
        ),
        label="aux",
    ),
    Case("custom_gradient", (_cubed, ({"x": _X},)), reference=lambda f, args: args[0]["x"] ** 3, gradient=True),
]
