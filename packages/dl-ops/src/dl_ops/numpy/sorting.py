"""Sorting and searching."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dl_ops import ops
from dl_ops.core.tensors import known_size
from dl_ops.op import op, primitive
from dl_ops.rules import DtypeRule, counted, kept, product, promoted, standardize_axis
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    pass

__all__ = [
    "argsort",
    "digitize",
    "searchsorted",
    "sort",
    "top_k",
]


def _sorted(x: KerasTensor, axis: int | None = -1) -> Shape:
    if axis is None:
        return (product(x.shape),)
    standardize_axis(axis, len(x.shape))
    return x.shape


@op(shape=_sorted, dtype=kept)
def sort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """Elements in ascending order along an axis; NaN goes to the end.

    Parameters
    ----------
    x : tensor_like
    axis : int or None, default -1
        With ``None``, `x` is flattened.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If the axis is out of range.

    Examples
    --------
    >>> sort([3, 1, 2]).tolist()
    [1, 2, 3]
    """
    raise primitive()


@op(shape=_sorted, dtype=counted)
def argsort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """Indices that put elements into ascending order along an axis; equal ones keep their order.

    Parameters
    ----------
    x : tensor_like
    axis : int or None, default -1
        With ``None``, `x` is flattened.

    Returns
    -------
    tensor of int32

    Raises
    ------
    ValueError
        If the axis is out of range.

    Examples
    --------
    >>> argsort([3, 1, 2]).tolist()
    [1, 2, 0]
    """
    raise primitive()


def _searched(sorted_sequence: KerasTensor, values: KerasTensor, side: str = "left") -> Shape:
    if side not in ("left", "right"):
        raise ValueError(f"side={side!r}: expected 'left' or 'right'")
    if len(sorted_sequence.shape) != 1:
        raise ValueError(f"sorted_sequence must have one dimension, got shape {sorted_sequence.shape}")
    return values.shape


@op(shape=_searched, dtype=DtypeRule(promoted.common, counted.result))
def searchsorted(sorted_sequence: TensorLike, values: TensorLike, side: str = "left") -> Tensor:
    """Indices at which values could be inserted into a sorted sequence.

    Parameters
    ----------
    sorted_sequence : tensor_like, shape (n,)
        In ascending order.
    values : tensor_like, shape (...)
    side : {"left", "right"}
        Whether before or after equal elements.

    Returns
    -------
    tensor of int32, shape (...)

    Raises
    ------
    ValueError
        If `sorted_sequence` is not one-dimensional or `side` not one of those.

    Examples
    --------
    >>> searchsorted([1, 3, 5], [3, 4]).tolist(), searchsorted([1, 3, 5], [3, 4], side="right").tolist()
    ([1, 2], [2, 2])
    """
    raise primitive()


@op(shape=lambda x, bins: x.shape, dtype=DtypeRule(promoted.common, counted.result))
def digitize(x: TensorLike, bins: TensorLike) -> Tensor:
    """Index of the bin that each element falls into.

    Parameters
    ----------
    x : tensor_like, shape (...)
    bins : tensor_like, shape (n,)
        Edges in ascending order; each belongs to the bin above it.

    Returns
    -------
    tensor of int32, shape (...)
        0 for elements below all edges, `n` for those above.

    Examples
    --------
    >>> digitize([0.0, 1.0, 1.5, 9.0], [1.0, 2.0]).tolist()
    [0, 1, 1, 2]
    """
    return searchsorted(bins, x, side="right")


def _check_k(k: int, size: int | None) -> None:
    if not hasattr(k, "__index__") or k < 0 or (size is not None and k > size):
        of = "the size" if size is None else size
        raise ValueError(f"top_k(k={k}): expected an integer from 0 to {of} of the last axis")


def _top(x: KerasTensor, k: int, sorted: bool = True) -> tuple[KerasTensor, KerasTensor]:
    if not x.shape:
        raise ValueError("x must have at least one dimension")
    _check_k(k, x.shape[-1])
    shape = (*x.shape[:-1], int(k))
    return KerasTensor(shape, x.dtype, record_history=False), KerasTensor(shape, "int32", record_history=False)


@op(spec=_top, dtype=kept)
def top_k(x: TensorLike, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """Largest elements along the last axis, and their indices.

    Parameters
    ----------
    x : tensor_like, shape (..., n)
    k : int
        How many.
    sorted : bool, default True
        Whether they must be in descending order.

    Returns
    -------
    tuple of tensor, shape (..., k)
        Values, and int32 indices, of equal elements the lower ones first.

    Raises
    ------
    ValueError
        If `k` is negative or above `n`.

    Examples
    --------
    >>> values, indices = top_k([3, 1, 4, 1], 2)
    >>> values.tolist(), indices.tolist()
    ([4, 3], [2, 0])
    """
    size = known_size(x, -1)
    _check_k(k, size)
    # ascending order of the reversed elements, read backwards, has the first of equal elements first
    backwards = argsort(ops.flip(x, axis=-1))[..., size - k :]
    indices = ops.subtract(size - 1, ops.flip(backwards, axis=-1))
    return ops.take_along_axis(x, indices, axis=-1), indices
