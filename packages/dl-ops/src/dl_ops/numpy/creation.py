"""Tensors of given values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import copy
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import standardize_dtype
from dl_ops.interchange import convert_to_tensor
from dl_ops.op import op
from dl_ops.rules import (
    broadcast_shapes,
    from_shape_argument,
    requested,
    requested_or_kept,
    same,
    standardize_shape,
)
from dl_ops.typing import DTypeLike, Shape, ShapeLike, Tensor, TensorLike, ValueLike

if TYPE_CHECKING:
    pass

__all__ = [
    "array",
    "empty",
    "empty_like",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


def _filled(shape: ShapeLike, fill_value: Any, dtype: Any = None) -> Shape:
    sizes = standardize_shape(shape)
    if broadcast_shapes(sizes, fill_value.shape) != sizes and None not in sizes:
        raise ValueError(f"fill_value has shape {fill_value.shape}: expected one that broadcasts to {sizes}")
    return sizes


@op(shape=_filled, dtype=requested)
def full(shape: ShapeLike, fill_value: ValueLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor with the same value everywhere.

    Parameters
    ----------
    shape : int or sequence of int
    fill_value : tensor_like
        A number, or a tensor of a shape that broadcasts to `shape`.
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> full((2, 2), 7, dtype="int32").tolist()
    [[7, 7], [7, 7]]
    """
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    return ops.broadcast_to(ops.cast(fill_value, standardize_dtype(dtype)), sizes)


@op(shape=from_shape_argument, dtype=requested)
def zeros(shape: ShapeLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of zeros.

    Parameters
    ----------
    shape : int or sequence of int
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> zeros((2,)).tolist()
    [0.0, 0.0]
    """
    return full(shape, 0, dtype)


@op(shape=from_shape_argument, dtype=requested)
def ones(shape: ShapeLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of ones.

    Parameters
    ----------
    shape : int or sequence of int
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> ones((2,), dtype="bool").tolist()
    [True, True]
    """
    return full(shape, 1, dtype)


@op(shape=from_shape_argument, dtype=requested)
def empty(shape: ShapeLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor whose values are not defined.

    Parameters
    ----------
    shape : int or sequence of int
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> tuple(empty((2, 3)).shape)
    (2, 3)
    """
    return zeros(shape, dtype)


@op(shape=lambda x, fill_value, *options: _filled(x.shape, fill_value), dtype=requested_or_kept)
def full_like(x: TensorLike, fill_value: ValueLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of the shape of another one, with the same value everywhere.

    Parameters
    ----------
    x : tensor_like, shape (...)
    fill_value : tensor_like
        A number, or a tensor of a shape that broadcasts to that of `x`.
    dtype : str, optional
        By default that of `x`.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> full_like([1, 2], 7).tolist()
    [7, 7]
    """
    return full(shape_of(x), fill_value, dtype_of(x) if dtype is None else dtype)


@op(shape=same, dtype=requested_or_kept)
def zeros_like(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of zeros of the shape of another one.

    Parameters
    ----------
    x : tensor_like, shape (...)
    dtype : str, optional
        By default that of `x`.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> zeros_like([1, 2]).tolist()
    [0, 0]
    """
    return zeros(shape_of(x), dtype_of(x) if dtype is None else dtype)


@op(shape=same, dtype=requested_or_kept)
def ones_like(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of ones of the shape of another one.

    Parameters
    ----------
    x : tensor_like, shape (...)
    dtype : str, optional
        By default that of `x`.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> ones_like([1, 2]).tolist()
    [1, 1]
    """
    return ones(shape_of(x), dtype_of(x) if dtype is None else dtype)


@op(shape=same, dtype=requested_or_kept)
def empty_like(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of the shape of another one, whose values are not defined.

    Parameters
    ----------
    x : tensor_like, shape (...)
    dtype : str, optional
        By default that of `x`.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> tuple(empty_like([1, 2]).shape)
    (2,)
    """
    return empty(shape_of(x), dtype_of(x) if dtype is None else dtype)


def array(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Make a tensor of the active backend that is a copy of `x`.

    Parameters
    ----------
    x : tensor_like, shape (...)
    dtype : str, optional
        By default that of `x`; int32 for Python integers, the default float for Python floats.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> array([1, 2]).tolist()
    [1, 2]
    """
    return copy(convert_to_tensor(x, dtype))
