"""Cases of element-wise functions of real numbers that networks need less often."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import apart, draw, integers, nonzero
from dl_ops.testing.case import ALL, FLOATS, NUMBERS, Case
from dl_ops.testing.table.elementwise import binary, unary
from dl_ops.typing import Array

_MISSING: Final = np.array([np.nan, 1.0, np.nan, -np.inf, 2.0]), np.array([1.0, np.nan, np.nan, 0.0, np.inf])


def _bessel(x: Array) -> Array:
    """The integral that defines it, by the trapezoidal rule over the circle, which converges geometrically."""
    angles = np.arange(2000) * (2 * math.pi / 2000)
    return np.asarray(np.mean(np.exp(np.asarray(x)[..., None] * np.cos(angles)), -1))


def _cube_root(x: Any) -> Array:
    return np.asarray(np.sign(x) * np.exp(np.log(np.abs(x)) / 3))


_step: Final = np.vectorize(lambda a, b: math.nan if math.isnan(a) else b if a == 0 else float(a > 0))
_remainder: Final = np.vectorize(math.fmod)
_length: Final = np.vectorize(math.hypot)


def _among(x1: Array, x2: Any, assume_unique: bool = False, invert: bool = False) -> Array:
    elements = np.ravel(x2).tolist()
    found = np.vectorize(lambda x: any(x == element for element in elements), otypes=[bool])(x1)
    return np.asarray(found != invert)


CASES: Final = [
    unary("cbrt", nonzero(3, 4), _cube_root, dtypes=(*FLOATS, "int8")),
    Case(
        "cbrt",
        (np.array([0.0, 1e30, -1e-30, np.inf, -np.inf, np.nan, 27.0]),),
        reference=lambda x: np.array([0, 1e10, -1e-10, np.inf, -np.inf, np.nan, 3]),
        label="special",
    ),
    *binary("hypot", nonzero(3, 4), nonzero(3, 4), _length, dtypes=(*NUMBERS, "float16")),
    Case(
        "hypot",
        (np.array([1e30, np.inf, np.nan, 0.0, 1e-30, np.nan]), np.array([1e30, np.nan, -np.inf, 0.0, 1e-30, 1.0])),
        reference=_length,
        label="special",
    ),
    Case("hypot", (np.zeros(2), np.zeros(2)), reference=_length, label="zero"),
    *binary("logaddexp2", draw(3, 4), draw(3, 4), lambda a, b: np.log2(2.0**a + 2.0**b), dtypes=(*FLOATS, "int32")),
    Case(
        "logaddexp2",
        (np.array([np.inf, -np.inf, -np.inf, np.nan, 1000.0]), np.array([np.inf, -np.inf, 1.0, 1.0, 1000.0])),
        reference=lambda a, b: np.array([np.inf, -np.inf, 1, np.nan, 1001]),
        label="special",
    ),
    unary("deg2rad", draw(3, 4) * 100, lambda x: x * math.pi / 180, dtypes=(*NUMBERS, "bool")),
    unary("rad2deg", draw(3, 4), lambda x: x * 180 / math.pi, dtypes=(*NUMBERS, "bool")),
    unary("fabs", nonzero(3, 4), np.abs, dtypes=ALL),
    # -- limits
    *binary("fmax", apart(3, 4), apart(3, 4) * 1.1, np.maximum, dtypes=(*NUMBERS, "uint8")),
    *binary("fmin", apart(3, 4), apart(3, 4) * 1.1, np.minimum, dtypes=(*NUMBERS, "uint8")),
    Case("fmax", _MISSING, reference=lambda a, b: np.array([1, 1, np.nan, 0, np.inf]), dtypes=FLOATS, label="nan"),
    Case("fmin", _MISSING, reference=lambda a, b: np.array([1, 1, np.nan, -np.inf, 2]), dtypes=FLOATS, label="nan"),
    # -- remainders
    *binary("fmod", apart(3, 4), nonzero(3, 4) * 3, _remainder, dtypes=("float32", "int32")),
    Case("fmod", (np.array([True, False]), True), reference=lambda a, b: np.zeros(2), label="bool"),
    Case(
        "fmod",
        (np.array([-7.0, 7.0, -7.0, 7.0]), np.array([3.0, -3.0, -3.0, 3.0])),
        reference=_remainder,
        dtypes=(*FLOATS, "int8", "int32"),
        label="signs",
    ),
    Case(
        "fmod",
        (np.array([7.0, np.inf, np.nan, 1.0]), np.array([0.0, 3.0, 1.0, np.nan])),
        reference=lambda a, b: np.full(4, np.nan),
        label="special",
    ),
    # -- steps
    Case(
        "heaviside",
        (np.array([-1.5, 0.0, 2.0, -0.0]), draw(4)),
        reference=_step,
        gradient=("x2",),
        dtypes=(*NUMBERS, "float16"),
    ),
    Case(
        "heaviside", (np.array([[-1.5], [0.0], [2.0]]), draw(4)), reference=_step, gradient=("x2",), label="broadcast"
    ),
    Case("heaviside", (nonzero(3), 0.5), reference=_step, gradient=("x1",), dtypes=FLOATS, label="number"),
    Case("heaviside", (np.array([np.nan, np.inf, -np.inf]), 0.5), reference=_step, dtypes=FLOATS, label="special"),
    # -- special functions
    unary("sinc", apart(3, 4) * 0.3, lambda x: np.sin(math.pi * x) / (math.pi * x), dtypes=FLOATS),
    Case(
        "sinc",
        (np.array([0.0, -0.0, 1e-6, 0.03, -0.049]),),
        reference=lambda x: np.sinc(x),
        gradient=True,
        dtypes=FLOATS,
        label="near-zero",
    ),
    unary("i0", draw(3, 4) * 2, _bessel, dtypes=NUMBERS),
    Case(
        "i0",
        (np.array([0.0, -7.9, 7.9, 8.1, 20.0]),),
        reference=_bessel,
        gradient=True,
        dtypes=FLOATS[:1],
        tolerance=4,
        label="both-formulas",
    ),
    Case(
        "i0",
        (np.array([88.0, np.inf, -np.inf, np.nan]),),
        reference=lambda x: np.array([float(_bessel(np.array(88.0))), np.inf, np.inf, np.nan]),
        label="large",
    ),
    # -- predicates
    *(
        Case(
            op,
            (np.array([np.inf, -np.inf, np.nan, 1.0, -0.0]),),
            reference=lambda x, sign=sign: x == sign * math.inf,
            dtypes=FLOATS,
        )
        for op, sign in (("isposinf", 1), ("isneginf", -1))
    ),
    *(
        Case(
            op,
            (draw(3, 4),),
            reference=lambda x: np.zeros((3, 4), bool),
            dtypes=("int32", "uint8", "bool"),
            label="integers",
        )
        for op in ("isposinf", "isneginf")
    ),
    Case("isin", (integers(-3, 4, 3, 4), integers(-3, 4, 2, 2)), reference=_among, unknown=("x1",)),
    Case("isin", (draw(3, 4), 0), reference=_among, dtypes=ALL, label="number"),
    Case(
        "isin",
        (np.array([1.0, np.nan, 2.0]), np.array([np.nan, 2.0])),
        {"invert": True},
        reference=_among,
        dtypes=FLOATS,
        label="invert",
    ),
    Case(
        "isin",
        (integers(0, 200, 3, 40, dtype="float64"), np.arange(0.0, 180.0, 3.0)),
        {"assume_unique": False},
        reference=_among,
        dtypes=("float32", "int32"),
        label="many",
    ),
    Case("isin", (np.array([3.0, 1.0]), np.array([1.0, 2.0]), True), reference=_among, dtypes=NUMBERS, label="unique"),
    Case("isin", (2, integers(0, 4, 5)), reference=_among, label="scalar"),
    Case("isin", (draw(3), np.zeros(0)), reference=lambda x, y: np.zeros(3, bool), unknown=("x1",), label="empty"),
]
