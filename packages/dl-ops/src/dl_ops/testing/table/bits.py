"""Cases of bits, integers and how numbers are stored."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import ml_dtypes
import numpy as np

from dl_ops.testing.arrays import draw, flags, integers
from dl_ops.testing.case import FLOATS, Case
from dl_ops.typing import Array

# not all backends have 64 bits
_INTEGERS: Final = ("int8", "uint8", "int16", "uint16", "int32", "uint32")
_EXTREME: Final = {dtype: np.iinfo(dtype) for dtype in _INTEGERS}


def _each(function: Callable[..., int], *arrays: Any) -> Array:
    """A function of Python's integers, in the dtype of the first array: what does not fit is cut off."""
    dtype = np.asarray(arrays[0]).dtype
    found = np.vectorize(function, otypes=[object])(*arrays)
    bits = 8 * dtype.itemsize
    wrapped = np.vectorize(lambda n: n % 2**bits, otypes=[object])(found)
    if dtype.kind == "i":
        wrapped = np.vectorize(lambda n: n - 2**bits if n >= 2 ** (bits - 1) else n, otypes=[object])(wrapped)
    return np.asarray(wrapped, np.int64)


def _pairs(op: str, function: Callable[..., int]) -> list[Case]:
    """Cases of an op of two integers: in each dtype, broadcast, with a number, and of booleans."""

    def in_dtype(dtype: str) -> Case:
        x = np.array([_EXTREME[dtype].max, _EXTREME[dtype].min, 5, 77, 100], dtype)
        y = np.array([3, 12, 6, 77, 1], dtype)
        return Case(op, (x, y), reference=lambda x, y: _in(dtype, function, x, y), label=dtype)

    truth = np.vectorize(lambda a, b: bool(function(bool(a), bool(b))))
    x, y = integers(-9, 9, 3, 4), integers(-9, 9, 4)
    return [
        *map(in_dtype, _INTEGERS),
        Case(op, (x, y), reference=lambda x, y: _in("int32", function, x, y), label="broadcast"),
        Case(op, (x, 6), reference=lambda x, y: _in("int32", function, x, y), label="number"),
        Case(op, (flags(3, 4), flags(4)), reference=truth, label="booleans"),
    ]


def _in(dtype: str, function: Callable[..., int], *arrays: Any) -> Array:
    # the kit has made them int64
    return _each(function, *(_typed(x, dtype) for x in arrays))


def _typed(x: Any, dtype: str) -> Array:
    return np.asarray(x).astype(dtype)


def _shifts(op: str, function: Callable[..., int]) -> list[Case]:
    def in_dtype(dtype: str) -> Case:
        bits = 8 * np.dtype(dtype).itemsize
        x = np.array([1, 1, _EXTREME[dtype].max, _EXTREME[dtype].min, 77, 100, _EXTREME[dtype].max], dtype)
        y = np.array([0, bits - 1, 3, 2, 1, 4, bits - 2], dtype)
        return Case(op, (x, y), reference=lambda x, y: _in(dtype, function, x, y), label=dtype)

    x = integers(-9, 9, 3, 4)
    return [
        *map(in_dtype, _INTEGERS),
        Case(op, (x, integers(0, 5, 4)), reference=lambda x, y: _in("int32", function, x, y), label="broadcast"),
        Case(op, (x, 3), reference=lambda x, y: _in("int32", function, x, y), label="number"),
        Case(op, (flags(3, 4), flags(4)), reference=np.vectorize(lambda a, b: function(int(a), int(b))), label="bool"),
    ]


def _inverted(op: str) -> list[Case]:
    def in_dtype(dtype: str) -> Case:
        x = np.array([_EXTREME[dtype].max, _EXTREME[dtype].min, 5, 77], dtype)
        return Case(op, (x,), reference=lambda x: _in(dtype, lambda n: -1 - n, x), label=dtype)

    return [*map(in_dtype, _INTEGERS), Case(op, (flags(3, 4),), reference=lambda x: x == 0, label="booleans")]


def _ordinary(op: str, reference: Callable[..., int]) -> list[Case]:
    table = np.vectorize(reference, otypes=[np.int64])
    x, y = np.array([0, -4, 0, 12, 35, -24, 17]), np.array([0, 6, 5, -18, 14, -36, 1])
    return [
        *(Case(op, (x.astype(d), y.astype(d)), reference=table, label=d) for d in ("int8", "int16", "int32")),
        Case(op, (abs(x).astype("uint8"), abs(y).astype("uint8")), reference=table, label="uint8"),
        Case(op, (integers(-40, 40, 3, 4), integers(1, 40, 4)), reference=table, label="broadcast"),
        Case(op, (integers(-40, 40, 3, 4), 12), reference=table, label="number"),
        Case(op, (np.zeros((0, 2), "int32"), 12), reference=lambda x, y: np.zeros((0, 2)), label="empty"),
    ]


def _seen(x: Any, dtype: str) -> Array:
    return np.frombuffer(x.tobytes(), dtype)


_BFLOAT16: Final = ml_dtypes.bfloat16
_ROW: Final = np.array([[1.0, -2.0], [0.5, 3.25]])
_SPECIAL: Final = np.array([0.0, -0.0, 1.5, -1.5, np.inf, -np.inf, np.nan])
_FROM: Final = np.array([1.0, 1.0, -1.0, -1.0, 2.0, 3.0, np.inf, -np.inf])
_TO: Final = np.array([2.0, 0.0, 0.0, -2.0, 0.0, 3.0, 0.0, -np.inf])
_STEPS: Final = {"float32": (24, 128), "float16": (11, 16), "bfloat16": (8, 128)}


def _after(dtype: str) -> Array:
    """The numbers after `_FROM` towards `_TO`: the distance is half as much below a power of two."""
    digits, largest = _STEPS[dtype]
    unit = 2.0 ** (1 - digits)
    top = 2.0**largest * (1 - 2.0**-digits)
    return np.array([1 + unit, 1 - unit / 2, -1 + unit / 2, -1 - unit, 2 - unit, 3, top, -np.inf])


def _check_after(dtype: str) -> Callable[..., None]:
    def verify(found: Array, *arguments: Array) -> None:
        np.testing.assert_array_equal(found.astype(np.float64), _after(dtype))

    return verify


CASES: Final = [
    *_pairs("bitwise_and", lambda a, b: int(a) & int(b)),
    *_pairs("bitwise_or", lambda a, b: int(a) | int(b)),
    *_pairs("bitwise_xor", lambda a, b: int(a) ^ int(b)),
    *_inverted("bitwise_not"),
    *_inverted("bitwise_invert"),
    *_shifts("bitwise_left_shift", lambda a, b: int(a) << int(b)),
    *_shifts("bitwise_right_shift", lambda a, b: int(a) >> int(b)),
    *_shifts("left_shift", lambda a, b: int(a) << int(b)),
    *_shifts("right_shift", lambda a, b: int(a) >> int(b)),
    *_ordinary("gcd", math.gcd),
    *_ordinary("lcm", math.lcm),
    # -- positions
    Case(
        "unravel_index",
        (integers(0, 24, 3, 5), (2, 3, 4)),
        reference=lambda indices, shape: np.unravel_index(indices, shape),
    ),
    Case(
        "unravel_index",
        (np.array([-1, -24, -30, 24, 99], "int32"), (2, 3, 4)),
        reference=lambda indices, shape: np.unravel_index([23, 0, 0, 23, 23], shape),
        label="outside",
    ),
    Case(
        "unravel_index",
        (np.array([7, 255], "uint8"), (2, 300)),
        reference=lambda indices, shape: np.unravel_index(indices, shape),
        label="uint8",
    ),
    Case("unravel_index", (5, 7), reference=lambda indices, shape: (np.array(5),), label="one-axis"),
    # -- bits taken for something else
    Case(
        "view",
        (_ROW.astype("float32"), "int32"),
        reference=lambda x, dtype: _seen(np.float32(x), "i4").reshape(2, 2),
        label="same-size",
    ),
    Case(
        "view",
        (_ROW.astype("float32"), "int16"),
        reference=lambda x, dtype: _seen(np.float32(x), "i2").reshape(2, 4),
        label="shorter",
    ),
    Case(
        "view",
        (np.arange(8, dtype="uint8").reshape(2, 4) + 60, "float32"),
        reference=lambda x, dtype: _seen(np.uint8(x), "f4").reshape(2, 1),
        label="longer",
    ),
    Case("view", (np.array(1.0, "float32"), "int32"), reference=lambda x, dtype: np.array(127 << 23), label="scalar"),
    Case("view", (_ROW,), reference=lambda x: x, dtypes=FLOATS, label="as-it-is"),
    Case(
        "view",
        (_ROW.astype("float32"), "complex64"),
        reference=lambda x, dtype: np.array([[1 - 2j], [0.5 + 3.25j]]),
        label="complex",
    ),
    Case("view", (np.array([True, False]), "uint8"), reference=lambda x, dtype: np.array([1, 0]), label="from-bool"),
    Case(
        "view",
        (np.array([1, 0], "int8"), "bool"),
        reference=lambda x, dtype: np.array([True, False]),
        label="to-bool",
    ),
    Case(
        "view",
        (np.array([1.0, -2.0], _BFLOAT16), "uint16"),
        reference=lambda x, dtype: np.array([0x3F80, 0xC000]),
        label="bfloat16",
    ),
    Case("signbit", (_SPECIAL,), reference=np.signbit, dtypes=FLOATS),
    Case("signbit", (draw(3, 4),), reference=lambda x: x < 0, dtypes=("int32", "uint8", "bool"), label="integers"),
    *(Case("nextafter", (_FROM, _TO), verify=_check_after(d), dtypes=(d,), label=d) for d in _STEPS),
    Case(
        "nextafter",
        (np.array([0.0, -0.0, np.nan, 1.0]), np.array([1.0, -1.0, 1.0, np.nan])),
        verify=lambda found, *arguments: np.testing.assert_array_equal(
            np.stack([found > -1e-30, np.isnan(found)]), [[True, True, False, False], [False, False, True, True]]
        ),
        dtypes=("float32",),
        label="special",
    ),
    Case("nextafter", (np.ones((3, 1)), 2.0), verify=lambda found, *arguments: _positive(found - 1), label="broadcast"),
    Case("nextafter", (np.ones((3, 1), "int32"), 2), verify=lambda found, *a: _positive(found - 1), label="integers"),
    # -- exponents
    Case(
        "ldexp",
        (draw(3, 4), integers(-5, 6, 3, 4)),
        reference=lambda x, n: x * 2.0**n,
        gradient=("x1",),
        dtypes=(*FLOATS, "int32"),
    ),
    Case("ldexp", (draw(3, 1), integers(-5, 6, 4)), reference=lambda x, n: x * 2.0**n, gradient=("x1",)),
    Case("ldexp", (draw(3), 3), reference=lambda x, n: x * 8, dtypes=FLOATS, label="number"),
    Case(
        "ldexp",
        (np.array([1e-30, 1.0, -1.0, 0.0, np.inf, np.nan]), np.array([140, -400, 400, 900, -5, 0])),
        reference=lambda x, n: np.array([2.0**140 * 1e-30, 0, -np.inf, 0, np.inf, np.nan]),
        label="extreme",
    ),
]


def _positive(x: Array) -> None:
    assert np.all(x > 0)
    assert np.all(x < 1e-6)
