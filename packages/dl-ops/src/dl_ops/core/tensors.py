"""A tensor's shape and dtype, and changes of the latter."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.backend.registry import current_backend
from dl_ops.dtypes import NARROW_TYPES, finite_range, is_float, is_int, numpy_dtype, standardize_dtype
from dl_ops.interchange import backend_of
from dl_ops.op import op
from dl_ops.rules import kept, product, requested, requested_or_kept, same
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import DTypeLike, Shape, Tensor, TensorLike, ValueLike
from dl_ops.variable import Variable

__all__ = ["cast", "copy", "dtype", "is_tensor", "ndim", "saturate_cast", "shape", "size", "stop_gradient"]


@op(shape=same, dtype=requested)
def cast(x: ValueLike, dtype: DTypeLike) -> Tensor:
    """Convert a tensor to another dtype.

    Parameters
    ----------
    x : tensor_like, shape (...)
    dtype : str
        Floats are cut off towards zero on the way to integers; whatever is not zero becomes true. What an integer dtype
        has no room for becomes whatever the framework and the processor make of it: see `saturate_cast`.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> cast([0.5, 1.5], "int32").tolist()
    [0, 1]
    """
    y: Tensor = current_backend().cast(x, standardize_dtype(dtype))
    return y


@op(shape=same, dtype=requested)
def saturate_cast(x: ValueLike, dtype: DTypeLike) -> Tensor:
    """Convert a tensor to another dtype, with what lies outside its range set to the nearest end of it.

    Parameters
    ----------
    x : tensor_like, shape (...)
    dtype : str
        Among integers, NaN becomes 0.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> saturate_cast([-5.0, 300.0], "uint8").tolist()
    [0, 255]
    """
    source, target = _dtype(x), standardize_dtype(dtype)
    if is_int(target):
        # which may be a narrower one, where a framework lacks 64 bits
        target = _dtype(ops.zeros((), target))
    to_integers, limits = is_float(source) and is_int(target), _limits(source, target)
    if limits is None and not to_integers:
        return cast(x, target)
    if source in NARROW_TYPES:
        # float32 has all of their numbers, and the limits too
        x, source = cast(x, "float32"), "float32"
    return _to_integers(x, source, target) if to_integers else cast(ops.clip(x, *(limits or ())), target)


def _limits(source: str, target: str) -> tuple[Any, Any] | None:
    """Range of `target` in numbers that `source` has too; ``None`` if nothing of `source` is outside."""
    if not all(is_int(name) or is_float(name) for name in (source, target)):
        return None
    inside, outside = finite_range(source), finite_range(target)
    low, high = max(inside[0], outside[0]), min(inside[1], outside[1])
    return None if (low, high) == inside else (low, high)


def _to_integers(x: ValueLike, source: str, target: str) -> Tensor:
    """Floats cut off to integers in range: 0 for NaN."""
    low, high = finite_range(target)
    # the largest integers are rounded up to a power of two, out of the range
    largest = _towards_zero(high, source)
    numbers = ops.where(ops.isnan(x), 0.0, x)
    y = cast(ops.clip(numbers, float(low), float(largest)), target)
    return y if int(largest) == high else ops.where(ops.greater(numbers, float(largest)), high, y)


def _towards_zero(bound: int, dtype: str) -> Any:
    number = np.asarray(bound, numpy_dtype(dtype))
    return np.nextafter(number, np.zeros_like(number)) if int(number) > bound else number


@op(shape=same, dtype=kept)
def stop_gradient(variable: TensorLike) -> Tensor:
    """Treat a tensor as a constant where gradients are computed.

    Parameters
    ----------
    variable : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Of the same values.

    Examples
    --------
    >>> stop_gradient([1.0, 2.0]).tolist()
    [1.0, 2.0]
    """
    constant: Tensor = current_backend().stop_gradient(variable)
    return constant


@op(shape=same, dtype=kept)
def copy(x: TensorLike) -> Tensor:
    """Return a tensor that shares no memory with `x` that could change.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> copy([1, 2]).tolist()
    [1, 2]
    """
    # right where tensors do not change; where they do, the backend has a kernel
    return x  # type: ignore[return-value]  # dispatch has made it a tensor


@op(shape=same, dtype=requested_or_kept, name="convert_to_tensor")
def _converted(
    x: TensorLike, dtype: DTypeLike = None, sparse: bool | None = None, ragged: bool | None = None
) -> Tensor:
    """What ``convert_to_tensor`` of a sparse symbolic tensor leaves in a graph."""
    return ops.convert_to_tensor(x, dtype, sparse, ragged)


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor of an installed backend; NumPy arrays are where NumPy is the active one.

    Symbolic tensors and variables are not.

    Examples
    --------
    >>> is_tensor(ops.zeros(2)), is_tensor([0.0, 0.0])
    (True, False)
    """
    if isinstance(x, (KerasTensor, Variable)):
        return False
    # NumPy's own functions return scalars for arrays without dimensions
    value = np.asarray(x) if isinstance(x, np.generic) else x
    return backend_of(value) is not None or current_backend().is_tensor(value)


def shape(x: TensorLike) -> Shape:
    """Shape of a tensor as a tuple.

    Parameters
    ----------
    x : tensor_like

    Returns
    -------
    tuple of int
        With ``None`` for sizes of symbolic tensors that are not known.

    Examples
    --------
    >>> shape([[1, 2, 3]]), shape(KerasTensor((None, 3)))
    ((1, 3), (None, 3))
    """
    if isinstance(x, (KerasTensor, Variable)):
        return tuple(x.shape)
    backend = backend_of(x)
    return np.shape(x) if backend is None else backend.shape(x)


def known_size(x: TensorLike, axis: int) -> int:
    """Size of an axis that must be known, for defaults that cannot do without.

    Raises
    ------
    ValueError
        If it is not, as may be while a graph is built.
    """
    sizes = shape(x)
    found = sizes[axis]
    if found is None:
        raise ValueError(f"the size of axis {axis} must be known here, in shape {sizes}")
    return found


def ndim(x: TensorLike) -> int:
    """Return the number of a tensor's dimensions.

    Examples
    --------
    >>> ndim([[1, 2, 3]])
    2
    """
    return len(shape(x))


def size(x: TensorLike) -> Any:
    """Return the number of a tensor's elements.

    Parameters
    ----------
    x : tensor_like

    Returns
    -------
    int
        An integer tensor if the shape is not known, as while a graph is built.

    Examples
    --------
    >>> size([[1, 2, 3]])
    3
    """
    number = product(shape(x))
    return ops.sum(ops.ones_like(x, dtype="int32")) if number is None else number


def dtype(x: TensorLike) -> str:
    """Name of a tensor's dtype.

    Examples
    --------
    >>> dtype([1, 2]), dtype(0.5)
    ('int32', 'float32')
    """
    found = getattr(x, "dtype", None)
    return standardize_dtype(current_backend().to_array(x, None).dtype if found is None else found)


_dtype = dtype
