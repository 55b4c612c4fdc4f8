"""Numeric defaults, dtypes and names, ``keras.backend``. What a backend is: ``dl_ops.backend``."""

from __future__ import annotations

from typing import Any

from dl_layers.session import clear_session
from dl_ops import dtypes
from dl_ops.backend import backend
from dl_ops.config import epsilon, floatx, image_data_format, set_epsilon, set_floatx, set_image_data_format
from dl_ops.dtypes import result_type, standardize_dtype
from dl_ops.naming import get_uid
from dl_ops.symbolic import is_keras_tensor


def is_float_dtype(dtype: Any) -> bool:
    """Whether a dtype, or a framework's object for one, is floating-point.

    Examples
    --------
    >>> is_float_dtype("bfloat16"), is_float_dtype("int32")
    (True, False)
    """
    return dtypes.is_float(standardize_dtype(dtype))


def is_int_dtype(dtype: Any) -> bool:
    """Whether a dtype, or a framework's object for one, is of integers.

    Examples
    --------
    >>> is_int_dtype("uint8"), is_int_dtype("bool")
    (True, False)
    """
    return dtypes.is_int(standardize_dtype(dtype))


__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_uid",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]
