"""Cases of complex numbers."""

from __future__ import annotations

import cmath
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw, nonzero
from dl_ops.testing.case import ALL, FLOATS, NUMBERS, Case
from dl_ops.typing import Array


def _complex(*shape: int) -> Array:
    return np.asarray(np.vectorize(complex)(draw(*shape), nonzero(*shape)), np.complex64)


def _numbers(real: Any, imaginary: Any) -> Array:
    return np.asarray(np.vectorize(complex, otypes=[np.complex128])(real, imaginary))


_phase: Final = np.vectorize(cmath.phase, otypes=[np.float64])
_AXES: Final = np.array([1, -1, 1j, -1j, complex(-1, -0.0), 0], np.complex64)
_SPECIAL: Final = np.array([0.0, -0.0, 2.0, -2.0, np.inf, -np.inf, np.nan])

CASES: Final = [
    Case("complex", (draw(3, 4), draw(4)), reference=_numbers, dtypes=(*NUMBERS, "float16"), gradient=True),
    Case("complex", (np.array([np.inf, 1.0]), 2), reference=_numbers, label="infinite"),
    Case("real", (_complex(3, 4),), reference=lambda x: np.array([[z.real for z in row] for row in x])),
    Case("real", (draw(3, 4),), reference=lambda x: x, dtypes=ALL, gradient=True, label="real"),
    Case("imag", (_complex(3, 4),), reference=lambda x: np.array([[z.imag for z in row] for row in x])),
    Case("imag", (draw(3, 4),), reference=np.zeros_like, dtypes=ALL, gradient=True, label="real"),
    *(
        case
        for op in ("conj", "conjugate")
        for case in (
            Case(op, (_complex(3, 4),), reference=lambda x: _numbers(x.real, -x.imag)),
            Case(op, (draw(3, 4),), reference=lambda x: x, dtypes=ALL, gradient=True, label="real"),
        )
    ),
    Case("angle", (_complex(3, 4),), reference=_phase),
    Case("angle", (_AXES,), reference=_phase, label="axes"),
    Case(
        "angle",
        (_SPECIAL,),
        reference=lambda x: np.array([0, np.pi, 0, np.pi, 0, np.pi, np.nan]),
        dtypes=FLOATS,
        label="real",
    ),
    Case("angle", (nonzero(3, 4),), reference=lambda x: np.pi * (x < 0), dtypes=ALL, gradient=True, label="integers"),
    Case("isreal", (_AXES,), reference=lambda x: np.array([True, True, False, False, True, True])),
    Case("isreal", (draw(3, 4),), reference=lambda x: np.ones((3, 4), bool), dtypes=ALL, label="real"),
    Case("isreal", (np.array([complex(1, np.nan)], np.complex64),), reference=lambda x: np.array([False]), label="nan"),
    Case(
        "absolute",
        (np.array([3 + 4j, 0, -5j], np.complex64),),
        reference=lambda x: np.array([5, 0, 5]),
        label="complex",
    ),
    Case("abs", (np.array([3 + 4j, 0, -5j], np.complex64),), reference=lambda x: np.array([5, 0, 5]), label="complex"),
    # -- pairs
    Case(
        "view_as_complex",
        (draw(3, 4, 2),),
        reference=lambda x: _numbers(x[..., 0], x[..., 1]),
        dtypes=(*NUMBERS, "float16"),
        gradient=True,
    ),
    Case("view_as_complex", (np.array([np.inf, 1.0]),), reference=lambda x: np.array(complex(np.inf, 1)), label="one"),
    Case("view_as_real", (_complex(3, 4),), reference=lambda x: np.array([[[z.real, z.imag] for z in r] for r in x])),
    Case("view_as_real", (np.array(1 + 2j, np.complex64),), reference=lambda x: np.array([1, 2]), label="scalar"),
    Case(
        "view_as_real",
        (draw(3, 4),),
        reference=lambda x: np.stack([x, 0 * x], -1),
        dtypes=NUMBERS,
        gradient=True,
        label="real",
    ),
    Case(
        "polar",
        (draw(3, 4), draw(4)),
        reference=lambda r, t: _numbers(r * np.cos(t), r * np.sin(t)),
        dtypes=NUMBERS,
        gradient=True,
        label="broadcast",
    ),
    Case("polar", (2.0, draw(3)), reference=lambda r, t: _numbers(2 * np.cos(t), 2 * np.sin(t)), label="number"),
]
