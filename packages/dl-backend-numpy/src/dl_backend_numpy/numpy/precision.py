"""Sums and products of 16-bit floats in 32 bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.dtypes import FLOAT8_TYPES, numpy_dtype
from dl_ops.typing import Array

NARROW: Final = frozenset(numpy_dtype(name).type for name in ("float16", "bfloat16", *FLOAT8_TYPES))
"""Scalar types whose own arithmetic loses what it sums up, and which BLAS does not know."""


def in_float32(function: Callable[..., Any], *arrays: Array, **options: Any) -> Any:
    """Result of `function`, computed in float32, in the dtype of the first array."""
    result = function(*(x.astype(np.float32) for x in arrays), **options)
    with np.errstate(over="ignore"):
        # what is too large for the narrow dtype becomes infinite there, as if it had been computed in it
        return result.astype(arrays[0].dtype)
