"""Dtypes that TensorFlow stores and does not take matrices apart in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import tensorflow as tf

from dl_backend_tf.tensors import Tensor

F = TypeVar("F", bound=Callable[..., Any])


def wide(x: Tensor) -> Tensor:
    """`x`, in float32 if it holds narrower floats."""
    return tf.cast(x, tf.float32) if x.dtype.is_floating and x.dtype.size < 4 else x


def widened(function: F) -> F:
    """Make a kernel of tensors compute 16-bit floats in float32, and give its results in their dtype."""

    @functools.wraps(function)
    def run(x: Tensor, *args: Any, **kwargs: Any) -> Any:
        if wide(x) is x:
            return function(x, *args, **kwargs)
        result = function(wide(x), *[wide(y) if isinstance(y, tf.Tensor) else y for y in args], **kwargs)
        return tf.nest.map_structure(lambda y: tf.cast(y, x.dtype) if y.dtype == tf.float32 else y, result)

    return cast(F, run)
