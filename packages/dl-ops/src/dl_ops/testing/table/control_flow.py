"""Cases of control flow."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops import ops
from dl_ops.testing.arrays import draw
from dl_ops.testing.case import Case

_X = draw(4, 3)
_C = draw(3)


def _step(carry: Any, x: Any) -> tuple[Any, Any]:
    # by ops: NumPy's own operators make bfloat16 wider
    carry = ops.tanh(ops.add(ops.multiply(carry, 0.5), x))
    return carry, ops.multiply(carry, 2.0)


def _scan(f: Any, init: Any, xs: Any, length: Any = None, reverse: bool = False) -> Any:
    carry, ys = init, []
    for x in xs[::-1] if reverse else xs:
        carry = np.tanh(carry * 0.5 + x)
        ys.append(carry * 2.0)
    return carry, np.stack(ys[::-1] if reverse else ys)


CASES: Final = [
    *(
        Case(
            "cond",
            (np.array(flag), lambda: ops.ones(2), lambda: ops.zeros(2)),
            reference=lambda pred, *branches: np.full(2, float(pred)),
            label=str(flag).lower(),
        )
        for flag in (True, False)
    ),
    Case(
        "switch",
        (np.array(1, "int32"), [lambda x: x * 2, lambda x: ops.exp(x)], _C),
        reference=lambda i, branches, x: np.exp(x),
        gradient=True,
        label="second",
    ),
    Case(
        "while_loop",
        (lambda i, x: i < 3, lambda i, x: (i + 1, ops.multiply(x, 2)), (np.array(0, "int32"), _C)),
        reference=lambda cond, body, x: (np.array(3), x[1] * 8),
        gradient=True,
        label="three-times",
    ),
    Case(
        "fori_loop",
        (0, 3, lambda i, x: ops.multiply(ops.sin(x), 1.5), _C),
        reference=lambda low, high, body, x: 1.5 * np.sin(1.5 * np.sin(1.5 * np.sin(x))),
        gradient=True,
        label="three-times",
    ),
    Case("scan", (_step, _C, _X), reference=_scan, gradient=True, label="forward"),
    Case("scan", (_step, _C, _X), {"reverse": True}, reference=_scan, gradient=True, label="reverse"),
    Case("map", (lambda x: ops.sum(x * x), _X), reference=lambda f, x: (x * x).sum(1), gradient=True),
    Case("vectorized_map", (lambda x: ops.sum(x * x), _X), reference=lambda f, x: (x * x).sum(1), gradient=True),
    Case(
        "associative_scan",
        (lambda a, b: a + b, _X),
        reference=lambda f, x: np.cumsum(x, 0),
        gradient=True,
        label="forward",
    ),
    Case(
        "associative_scan",
        (lambda a, b: a * b, _X, True, 1),
        reference=lambda f, x, reverse, axis: np.cumprod(x[:, ::-1], 1)[:, ::-1],
        gradient=True,
        label="reverse",
    ),
]
