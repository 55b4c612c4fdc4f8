"""TensorFlow tensors: dtypes, and sizes that may be unknown while a graph is built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, Final

import tensorflow as tf

from dl_ops.dispatch.defaults import defaults_of
from dl_ops.dtypes import standardize_dtype

Tensor = Any
"""A ``tf.Tensor``; TensorFlow ships no types."""

_default: Final = defaults_of("tensorflow")


@lru_cache(maxsize=64)
def tf_dtype(name: str) -> Any:
    """TensorFlow's dtype object of a name."""
    return tf.as_dtype(name)


def dtype_of(dtype: Any) -> Any:
    """TensorFlow's dtype object of whatever a user may give as a dtype; ``None`` is the default float."""
    return tf_dtype(standardize_dtype(dtype))


def sizes(x: Tensor) -> list[Any]:
    """Size of each axis: an integer, or a scalar tensor where it is not known yet."""
    static: list[Any] = x.shape.as_list()
    if None not in static:
        return static
    dynamic = tf.shape(x)
    return [dynamic[i] if size is None else size for i, size in enumerate(static)]


def is_symbolic(*tensors: Any) -> bool:
    """Whether a tensor belongs to a graph that is being built, and has no value."""
    return not tf.executing_eagerly() or any(isinstance(x, tf.Tensor) and not hasattr(x, "numpy") for x in tensors)


def axes_of(axis: int | Sequence[int] | None) -> Any:
    """An `axis` argument as TensorFlow takes it."""
    return list(axis) if isinstance(axis, tuple) else axis


def default_of(name: str) -> Callable[..., Any]:
    """The op's default, for the cases that a kernel leaves to it."""
    return partial(_default, name)
