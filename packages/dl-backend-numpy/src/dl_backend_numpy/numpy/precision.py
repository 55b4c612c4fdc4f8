"""Sums and products of 16-bit floats in 32 bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.dtypes import FLOAT8_TYPES, numpy_dtype
from dl_ops.typing import Array

_HALVES: Final = frozenset(numpy_dtype(name).type for name in ("float16", "bfloat16"))

NARROW: Final = _HALVES.union(numpy_dtype(name).type for name in FLOAT8_TYPES)
"""Scalar types whose own arithmetic loses what it sums up, and which BLAS does not know."""

FLOATS: Final = _HALVES | {np.float32, np.float64}
"""Scalar types that networks are computed in."""


def in_float32(function: Callable[..., Any], *arrays: Array, **options: Any) -> Any:
    """Result of `function`, computed in float32, in the dtype of the first array."""
    return narrowed(function(*(x.astype(np.float32) for x in arrays), **options), arrays[0].dtype)


def widened(x: Array) -> Array:
    """The array in a dtype that can be summed up."""
    return x.astype(np.float32) if x.dtype.type in NARROW else x


def narrowed(x: Any, dtype: np.dtype[Any]) -> Any:
    """What was computed in float32 in the dtype that it is to have."""
    if x.dtype is dtype:
        return x
    with np.errstate(over="ignore"):
        # what is too large for the narrow dtype becomes infinite there, as if it had been computed in it
        return x.astype(dtype)
