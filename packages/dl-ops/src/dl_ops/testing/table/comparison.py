"""Cases of comparisons and logic."""

from __future__ import annotations

from typing import Final

import numpy as np

from dl_ops.testing.arrays import flags, integers
from dl_ops.testing.case import NUMBERS, Case

_COMPARISONS: Final = ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal")
_LOGICAL: Final = ("logical_and", "logical_or", "logical_xor")
# float64, so of the dtype under test, and with equals
_X, _Y = integers(-2, 3, 3, 4, dtype="float64"), integers(-2, 3, 3, 4, dtype="float64")
_SPECIAL = np.array([1.0, np.nan, np.inf, -np.inf])
_FLOATS: Final = ("float32", "float16", "bfloat16")

CASES: Final = [
    *(Case(op, (_X, _Y), reference=getattr(np, op), dtypes=NUMBERS, label="same-shape") for op in _COMPARISONS),
    *(Case(op, (_X, _Y[:1]), reference=getattr(np, op), dtypes=NUMBERS, label="broadcast") for op in _COMPARISONS),
    *(Case(op, (_X, 1), reference=getattr(np, op), dtypes=NUMBERS, label="number") for op in _COMPARISONS),
    *(Case(op, (flags(3, 4), flags(4)), reference=getattr(np, op), label="broadcast") for op in _LOGICAL),
    *(Case(op, (_X, True), reference=getattr(np, op), dtypes=NUMBERS, label="numbers") for op in _LOGICAL),
    Case("logical_not", (flags(3, 4),), reference=np.logical_not),
    Case("logical_not", (_X,), reference=np.logical_not, dtypes=NUMBERS, label="numbers"),
    Case("isnan", (_SPECIAL,), reference=np.isnan, dtypes=_FLOATS),
    Case("isinf", (_SPECIAL,), reference=np.isinf, dtypes=_FLOATS),
    Case("isfinite", (_SPECIAL,), reference=np.isfinite, dtypes=_FLOATS),
    Case("isnan", (_X,), reference=np.isnan, dtypes=("int32", "bool"), label="integers"),
    Case("isinf", (_X,), reference=np.isinf, dtypes=("int32", "bool"), label="integers"),
    Case("isfinite", (_X,), reference=np.isfinite, dtypes=("int32", "bool"), label="integers"),
    Case("isclose", (_X, _X + np.array([0.0, 1e-3, 1e-9, 1.0])), reference=np.isclose),
    Case("isclose", (_SPECIAL, _SPECIAL), reference=np.isclose, label="special"),
    Case(
        "isclose",
        (_SPECIAL, _SPECIAL, 1e-3, 1e-3, True),
        reference=lambda *a: np.array([True, True, True, True]),
        label="equal-nan",
    ),
    Case("allclose", (_X, _X), reference=np.allclose, label="true"),
    Case("allclose", (_X, _X + 0.1), reference=np.allclose, label="false"),
]
