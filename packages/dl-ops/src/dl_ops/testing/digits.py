"""Numbers on their way to other dtypes: Python's keep all their digits, and what is out of range has one result."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops import ops
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope
from dl_ops.interchange import convert_to_numpy
from dl_ops.typing import Array

LARGE: Final = 2**40 + 1
FRACTION: Final = 0.1
_OUTSIDE: Final = np.array([math.nan, math.inf, -math.inf, 3e9, -3e9, 1.9], "float32")
_HALVES: Final = np.array([math.nan, math.inf, -math.inf, math.inf, -math.inf, 1.9], "float16")


def _like(*shape: int, dtype: str) -> Array:
    return np.ones(shape, dtype)


CALLS: Final[dict[str, tuple[Callable[[], Any], Any]]] = {
    "full-int64": (lambda: ops.full((2,), LARGE, dtype="int64"), np.array([LARGE] * 2, "int64")),
    "full-uint64": (lambda: ops.full((), 2**64 - 1, dtype="uint64"), np.uint64(2**64 - 1)),
    "full-uint32": (lambda: ops.full((), 2**32 - 1, dtype="uint32"), np.uint32(2**32 - 1)),
    "full-float64": (lambda: ops.full((2,), FRACTION, dtype="float64"), np.array([FRACTION] * 2, "float64")),
    "full-keywords": (lambda: ops.full(shape=(), fill_value=FRACTION, dtype="float64"), np.float64(FRACTION)),
    "full-list": (lambda: ops.full((2,), [FRACTION, 1.0], dtype="float64"), np.array([FRACTION, 1.0], "float64")),
    "full_like-int64": (lambda: ops.full_like(_like(2, dtype="int64"), LARGE), np.array([LARGE] * 2, "int64")),
    "full_like-float64": (lambda: ops.full_like([1, 2], FRACTION, "float64"), np.array([FRACTION] * 2, "float64")),
    "full_like-number": (lambda: ops.full_like(1.5, FRACTION), np.float32(FRACTION)),
    "cast-int64": (lambda: ops.cast(LARGE, "int64"), np.int64(LARGE)),
    "cast-float64": (lambda: ops.cast(FRACTION, "float64"), np.float64(FRACTION)),
    "cast-list": (lambda: ops.cast([LARGE, 1], "int64"), np.array([LARGE, 1], "int64")),
    "saturate_cast-int64": (lambda: ops.saturate_cast(LARGE, "int64"), np.int64(LARGE)),
    "saturate_cast-int32": (lambda: ops.saturate_cast(LARGE, "int32"), np.int32(2**31 - 1)),
    "saturate_cast-float32-int32": (
        lambda: ops.saturate_cast(_OUTSIDE, "int32"),
        np.array([0, 2**31 - 1, -(2**31), 2**31 - 1, -(2**31), 1], "int32"),
    ),
    "saturate_cast-float16-int32": (
        lambda: ops.saturate_cast(_HALVES, "int32"),
        np.array([0, 2**31 - 1, -(2**31), 2**31 - 1, -(2**31), 1], "int32"),
    ),
    "saturate_cast-float32-uint8": (
        lambda: ops.saturate_cast(_OUTSIDE, "uint8"),
        np.array([0, 255, 0, 255, 0, 1], "uint8"),
    ),
    "cast-float8": (
        lambda: ops.cast(ops.cast([447.0, 464.0, 465.0, math.inf], "float8_e4m3fn"), "float32"),
        np.array([448.0, 448.0, math.nan, math.nan], "float32"),
    ),
    "cast-bfloat16": (
        lambda: ops.cast(ops.cast([1 + 2.0**-8, 1 + 3 * 2.0**-8, 1e39], "bfloat16"), "float32"),
        np.array([1.0, 1 + 2.0**-6, math.inf], "float32"),
    ),
    "convert_to_tensor-int64": (lambda: ops.convert_to_tensor(LARGE, "int64"), np.int64(LARGE)),
    "convert_to_tensor-float64": (
        lambda: ops.convert_to_tensor([FRACTION], "float64"),
        np.array([FRACTION], "float64"),
    ),
    "array-int64": (lambda: ops.array([LARGE], "int64"), np.array([LARGE], "int64")),
    "array-float64": (lambda: ops.array(FRACTION, "float64"), np.float64(FRACTION)),
    "arange-int64": (lambda: ops.arange(LARGE, LARGE + 2, dtype="int64"), np.array([LARGE, LARGE + 1], "int64")),
    "arange-float64": (lambda: ops.arange(0, 1, FRACTION, dtype="float64"), np.arange(0, 1, FRACTION)),
    "linspace-float64": (lambda: ops.linspace(FRACTION, 0.7, 5, dtype="float64"), np.linspace(FRACTION, 0.7, 5)),
    "linspace-int64": (lambda: ops.linspace(0, 2 * LARGE, 3, dtype="int64"), np.array([0, LARGE, 2 * LARGE], "int64")),
    "linspace-list": (lambda: ops.linspace([FRACTION], 0.7, 5, dtype="float64"), np.linspace([FRACTION], 0.7, 5)),
    "logspace-float64": (lambda: ops.logspace(0, FRACTION, 5, dtype="float64"), np.logspace(0, FRACTION, 5)),
    "geomspace-float64": (lambda: ops.geomspace(FRACTION, 0.7, 5, dtype="float64"), np.geomspace(FRACTION, 0.7, 5)),
    "add-int64": (lambda: ops.add(_like(2, dtype="int64"), LARGE), np.array([LARGE + 1] * 2, "int64")),
    "multiply-float64": (
        lambda: ops.multiply(FRACTION, _like(2, dtype="float64")),
        np.array([FRACTION] * 2, "float64"),
    ),
    "clip-int64": (lambda: ops.clip(_like(2, dtype="int64"), LARGE, 2 * LARGE), np.array([LARGE] * 2, "int64")),
    "where-float64": (lambda: ops.where([True], FRACTION, _like(1, dtype="float64")), np.array([FRACTION], "float64")),
    "pad-float64": (
        lambda: ops.pad(_like(1, dtype="float64"), ((1, 0),), constant_values=FRACTION),
        np.array([FRACTION, 1.0], "float64"),
    ),
}
"""Calls with the result that each should give, to the last digit."""


def check_digits(name: str, backend: Backend) -> None:
    """Compare what one of `CALLS` gives on a backend with what it should, and the dtype too."""
    call, expected = CALLS[name]
    with backend_scope(backend), backend.float64_scope(), np.errstate(all="ignore"):
        found = convert_to_numpy(call())
    assert found.dtype == expected.dtype, f"{name}: dtype {found.dtype}, expected {expected.dtype}"
    # powers may differ in the last digit
    np.testing.assert_allclose(found, expected, rtol=4e-16 if found.dtype.kind == "f" else 0, atol=0, err_msg=name)
