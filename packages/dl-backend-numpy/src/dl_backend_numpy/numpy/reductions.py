"""Sums, products, extremes and counts over axes.

The ufuncs' own ``reduce`` is called: it costs less than ``np.sum``, and does not widen integers if it is told so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_backend_numpy.numpy.precision import NARROW, in_float32
from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.typing import Array, Axis, DTypeLike

kernels = Kernels()

# by position: array, axis, dtype, out, keepdims, initial. NumPy's stubs know keepdims as a literal only
_add: Final[Callable[..., Any]] = np.add.reduce
_multiply: Final[Callable[..., Any]] = np.multiply.reduce
_maximum: Final[Callable[..., Any]] = np.maximum.reduce
_minimum: Final[Callable[..., Any]] = np.minimum.reduce
_or: Final[Callable[..., Any]] = np.logical_or.reduce
_and: Final[Callable[..., Any]] = np.logical_and.reduce

_MOST_ADDED: Final = 4096
"""Numbers that BLAS adds up about as well as NumPy, which adds sums of halves."""


def axes(axis: Axis) -> int | tuple[int, ...] | None:
    """Axes as NumPy takes them: lists are not among it."""
    return tuple(axis) if axis is not None and type(axis) is not int else axis  # type: ignore[arg-type]  # NumPy's integers are left


@functools.lru_cache(maxsize=32)
def _few_ones(count: int, dtype: Any) -> Array:
    few = np.ones(count, dtype)
    few.flags.writeable = False
    return few


def ones(count: int, dtype: Any) -> Array:
    """Ones to sum up with, which are kept if they are few: making them takes longer than the sum of a small matrix."""
    return _few_ones(count, dtype) if count <= _MOST_ADDED else np.ones(count, dtype)


def row_sums(x: Array) -> Array:
    """Sum of each row of a matrix of floats of at least 32 bits, as a column."""
    count = x.shape[1]
    sums: Array = x.dot(ones(count, x.dtype))[:, None] if count <= _MOST_ADDED else _add(x, 1, None, None, True)
    return sums


def column_sums(x: Array) -> Array:
    """Sum of each column of a matrix of floats of at least 32 bits."""
    # one row after the other, as NumPy does it
    sums: Array = ones(len(x), x.dtype).dot(x)
    return sums


@kernels.add
def sum(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    dtype = x.dtype
    if dtype.type in NARROW:
        return in_float32(_add, x, axis=axes(axis), keepdims=keepdims)
    return _add(x, axes(axis), dtype, None, keepdims)


@kernels.add
def prod(x: Array, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike | None = None) -> Any:
    if x.dtype.type in NARROW:
        y = in_float32(_multiply, x, axis=axes(axis), keepdims=keepdims)
    else:
        y = _multiply(x, axes(axis), x.dtype, None, keepdims)
    return y if dtype is None else y.astype(numpy_dtype(standardize_dtype(dtype)))


@kernels.add
def max(x: Array, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Any:
    return _maximum(x, axes(axis), None, None, keepdims, initial)


@kernels.add
def min(x: Array, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Any:
    return _minimum(x, axes(axis), None, None, keepdims, initial)


@kernels.add
def any(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    return _or(x, axes(axis), None, None, keepdims)


@kernels.add
def all(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    return _and(x, axes(axis), None, None, keepdims)


@kernels.add
def argmax(x: Array, axis: int | None = None, keepdims: bool = False) -> Any:
    return x.argmax(axis, keepdims=keepdims).astype(np.int32)  # type: ignore[arg-type]  # NumPy's stubs leave None out


@kernels.add
def argmin(x: Array, axis: int | None = None, keepdims: bool = False) -> Any:
    return x.argmin(axis, keepdims=keepdims).astype(np.int32)  # type: ignore[arg-type]  # NumPy's stubs leave None out


kernels.register("amax", lambda x, axis=None, keepdims=False: max(x, axis, keepdims))
kernels.register("amin", lambda x, axis=None, keepdims=False: min(x, axis, keepdims))
