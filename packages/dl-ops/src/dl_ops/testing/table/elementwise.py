"""Cases of arithmetic, exponentials, trigonometry, rounding and limits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import apart, draw, nonzero, positive
from dl_ops.testing.case import ALL, FLOATS, NUMBERS, Case
from dl_ops.typing import Array


def unary(
    op: str,
    x: Array,
    reference: Callable[..., Any],
    *,
    gradient: bool = True,
    dtypes: Sequence[str] = NUMBERS,
    tolerance: float = 1.0,
    label: str = "",
) -> Case:
    """Case of an op of one array."""
    return Case(op, (x,), reference=reference, gradient=gradient, dtypes=dtypes, tolerance=tolerance, label=label)


def binary(
    op: str,
    x: Array,
    y: Array,
    reference: Callable[..., Any],
    *,
    gradient: bool = True,
    dtypes: Sequence[str] = NUMBERS,
) -> list[Case]:
    """Cases of an op of two arrays: of the same shape, broadcast, and with Python numbers."""
    return [
        Case(op, (x, y), reference=reference, gradient=gradient, dtypes=dtypes, label="same-shape"),
        Case(op, (x, y[0, :1]), reference=reference, gradient=gradient, dtypes=dtypes, label="broadcast"),
        Case(op, (x[:1], y[:, None]), reference=reference, gradient=gradient, dtypes=dtypes, label="broadcast-both"),
        Case(op, (x, 2), reference=reference, gradient=gradient, dtypes=dtypes, label="number"),
        Case(op, (2.5, y), reference=reference, gradient=gradient, dtypes=FLOATS[:2], label="number-first"),
    ]


CASES: Final = [
    # -- arithmetic
    *binary("add", draw(3, 4), draw(3, 4), np.add, dtypes=(*NUMBERS, "uint8")),
    *binary("subtract", draw(3, 4), draw(3, 4), np.subtract),
    *binary("multiply", draw(3, 4), draw(3, 4), np.multiply),
    *binary("divide", draw(3, 4), nonzero(3, 4) * 3, np.divide),
    *binary("true_divide", draw(3, 4), nonzero(3, 4) * 3, np.divide),
    Case(
        "divide_no_nan",
        (np.array([1.0, -3.0, 0.0, 2.0]), np.array([2.0, 0.0, 0.0, -4.0])),
        reference=lambda a, b: np.divide(a, b, out=np.zeros(4), where=b != 0),
        gradient=("x1",),
        dtypes=NUMBERS,
    ),
    *(
        Case(
            "divide_no_nan",
            pair,
            reference=lambda a, b: np.where(b == 0, 0, a / np.where(b == 0, 1, b)),
            gradient=("x1",),
            label=label,
        )
        for label, pair in {
            "broadcast": (draw(3, 4), np.array([2.0, 0.0, 0.0, -4.0])),
            "broadcast-first": (draw(4), np.array([[2.0], [0.0]])),
            "one divisor": (draw(4), np.array(2.0)),
            "zero": (draw(4), np.array(0.0)),
            "infinite": (np.array([np.inf, 1.0]), np.array([0.0, np.inf])),
        }.items()
    ),
    *binary(
        "floor_divide", apart(3, 4), nonzero(3, 4) * 3, np.floor_divide, gradient=False, dtypes=("float32", "int32")
    ),
    *binary("mod", apart(3, 4), nonzero(3, 4) * 3, np.mod, dtypes=("float32", "int32")),
    unary("negative", draw(3, 4), np.negative),
    unary("reciprocal", nonzero(3, 4) * 3, lambda x: 1 / x),
    # -- exponents
    *binary("power", positive(3, 4), draw(3, 4), np.power, dtypes=FLOATS[:2]),
    Case("power", (nonzero(3), 2), reference=np.power, gradient=True, dtypes=NUMBERS, label="negative-base"),
    Case("power", (np.array([0.0, 2.0]), 0), reference=np.power, gradient=("x1",), label="exponent-0"),
    unary("square", draw(3, 4), np.square),
    unary("sqrt", positive(3, 4), np.sqrt),
    unary("rsqrt", positive(3, 4) + 1, lambda x: 1 / np.sqrt(x)),
    unary("exp", draw(3, 4), np.exp),
    unary("exp2", draw(3, 4), np.exp2),
    unary("expm1", draw(3, 4), np.expm1),
    unary("log", positive(3, 4) + 1, np.log),
    unary("log1p", positive(3, 4), np.log1p),
    unary("log2", positive(3, 4) + 1, np.log2),
    unary("log10", positive(3, 4) + 1, np.log10),
    *binary("logaddexp", draw(3, 4), draw(3, 4), np.logaddexp),
    Case("lerp", (draw(3, 4), draw(4), 0.25), reference=lambda x, y, w: x + w * (y - x), gradient=True, dtypes=FLOATS),
    # -- trigonometry
    unary("sin", draw(3, 4), np.sin),
    unary("cos", draw(3, 4), np.cos),
    unary("tan", draw(3, 4, low=-1, high=1), np.tan),
    unary("arcsin", draw(3, 4, low=-0.9, high=0.9), np.arcsin),
    unary("arccos", draw(3, 4, low=-0.9, high=0.9), np.arccos),
    unary("arctan", draw(3, 4), np.arctan),
    *binary("arctan2", nonzero(3, 4) * 2, nonzero(3, 4) * 2, np.arctan2),
    unary("sinh", draw(3, 4), np.sinh),
    unary("cosh", draw(3, 4), np.cosh),
    unary("tanh", draw(3, 4), np.tanh),
    unary("arcsinh", draw(3, 4), np.arcsinh),
    unary("arccosh", positive(3, 4) + 1.5, np.arccosh),
    unary("arctanh", draw(3, 4, low=-0.8, high=0.8), np.arctanh, dtypes=FLOATS),
    # -- rounding
    unary("absolute", nonzero(3, 4), np.abs, dtypes=(*NUMBERS, "uint8")),
    unary("abs", nonzero(3, 4), np.abs, dtypes=(*NUMBERS, "uint8")),
    unary("sign", nonzero(3, 4), np.sign, gradient=False),
    unary("floor", apart(3, 4), np.floor, gradient=False),
    unary("ceil", apart(3, 4), np.ceil, gradient=False),
    unary("trunc", apart(3, 4), np.trunc, gradient=False),
    unary("round", apart(3, 4), np.round, gradient=False, dtypes=("float32", "int32")),
    Case("round", (np.array([0.5, 1.5, -2.5, 2.4]),), reference=np.round, label="half-to-even"),
    Case("round", (draw(3, 4), 2), reference=np.round, label="decimals"),
    # -- limits
    *binary("maximum", apart(3, 4), apart(3, 4) * 1.1, np.maximum, dtypes=(*NUMBERS, "uint8")),
    *binary("minimum", apart(3, 4), apart(3, 4) * 1.1, np.minimum, dtypes=(*NUMBERS, "uint8")),
    Case("clip", (apart(3, 4), -1.5, 2.0), reference=np.clip, gradient=True, dtypes=FLOATS, label="numbers"),
    Case("clip", (apart(3, 4), -1, 2), reference=np.clip, gradient=True, dtypes=NUMBERS, label="integers"),
    Case("clip", (apart(3, 4), -positive(4), positive(3, 1)), reference=np.clip, gradient=True, label="tensors"),
    Case(
        "nan_to_num",
        (np.array([1.5, np.nan, np.inf, -np.inf]),),
        {"nan": 0.25, "posinf": 7.0, "neginf": -8.0},
        reference=lambda x, nan, posinf, neginf: np.where(np.isnan(x), nan, np.clip(x, neginf, posinf)),
        dtypes=FLOATS,
    ),
    Case("nan_to_num", (nonzero(3, 4),), reference=lambda x: x, gradient=True, dtypes=NUMBERS, label="finite"),
    # -- types
    Case(
        "cast",
        (draw(3, 4) * 3, "int32"),
        reference=lambda x, dtype: np.trunc(x),
        dtypes=(*FLOATS, "bool"),
        label="to-int",
    ),
    Case(
        "convert_to_tensor",
        (draw(3, 4), "int32"),
        reference=lambda x, dtype: np.trunc(x),
        dtypes=("float32", "bool"),
        label="to-int",
    ),
    Case("convert_to_tensor", (draw(3, 4),), reference=lambda x: x, dtypes=NUMBERS, gradient=True, label="as-it-is"),
    Case("convert_to_tensor", (draw(3, 4), None, False), reference=lambda x, *_: x, dtypes=NUMBERS, label="dense"),
    Case("cast", (draw(3, 4), "float32"), reference=lambda x, dtype: x, dtypes=ALL, label="to-float"),
    Case("cast", (draw(3, 4), "bool"), reference=lambda x, dtype: x != 0, dtypes=ALL, label="to-bool"),
    Case(
        "saturate_cast",
        (np.array([-300.0, -5.0, 3.7, 300.0]), "int8"),
        reference=lambda x, dtype: np.trunc(np.clip(x, -128, 127)),
        label="to-int8",
    ),
    Case(
        "saturate_cast",
        (np.array([-300, -5, 3, 300], "int32"), "uint8"),
        reference=lambda x, dtype: np.array([0, 0, 3, 255]),
        label="to-uint8",
    ),
    Case(
        "cast",
        (np.array([1 + 2j, -3.5j], "complex64"), "float32"),
        reference=lambda x, dtype: x.real,
        label="complex-to-float",
    ),
    Case("cast", (draw(3), "complex64"), reference=lambda x, dtype: x + 0j, dtypes=NUMBERS, label="to-complex"),
    unary("copy", draw(3, 4), np.copy, dtypes=ALL),
    unary("stop_gradient", draw(3, 4), np.copy, dtypes=ALL, gradient=False),
    # -- special functions
    unary("erf", draw(3, 4), np.vectorize(math.erf)),
    unary("erfc", draw(3, 4), np.vectorize(math.erfc)),
    Case(
        "erfinv",
        (draw(3, 4, low=-0.9, high=0.9),),
        verify=lambda y, x: np.testing.assert_allclose(np.vectorize(math.erf)(np.float64(y)), x, atol=2e-5),
        gradient=True,
    ),
]
