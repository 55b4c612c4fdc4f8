"""Sorting and searching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import known_size
from dl_ops.op import op, primitive
from dl_ops.rules import DtypeRule, counted, kept, product, promoted, standardize_axis
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    pass

__all__ = [
    "argpartition",
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
    return ops.take_along_axis(x, argsort(x, axis), axis)


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


def _partitioned(x: KerasTensor, kth: int, axis: int | None = -1) -> Shape:
    shape = _sorted(x, axis)
    size = shape[standardize_axis(0 if axis is None else axis, len(shape))]
    if not hasattr(kth, "__index__"):
        raise TypeError(f"kth={kth!r}: expected an integer")
    if size is not None and not -size <= kth < size:
        raise ValueError(f"kth={kth} is out of range for {size} elements")
    return shape


@op(shape=_partitioned, dtype=counted)
def argpartition(x: TensorLike, kth: int, axis: int | None = -1) -> Tensor:
    """Indices that put the element of rank `kth` into its place, smaller ones before it and larger ones after it.

    Parameters
    ----------
    x : tensor_like
    kth : int
        Counted from 0; negative from the end.
    axis : int or None, default -1
        With ``None``, `x` is flattened.

    Returns
    -------
    tensor of int32
        On each side of that element in no particular order.

    Raises
    ------
    ValueError
        If the axis or `kth` is out of range.

    Examples
    --------
    >>> argpartition([30, 10, 20], 1)[1].tolist()
    2
    """
    _partitioned(x, kth, axis)  # type: ignore[arg-type]  # any tensor has a shape
    return argsort(x, axis)


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
    _searched(sorted_sequence, values, side)  # type: ignore[arg-type]  # any tensor has a shape
    count = known_size(sorted_sequence, 0)
    low: Any = ops.zeros_like(values, dtype="int32")
    high: Any = ops.full_like(values, count, dtype="int32")
    # halves what is left of each value's interval, until nothing is
    for _ in range(count.bit_length()):
        middle = ops.floor_divide(ops.add(low, high), 2)
        met = ops.take(sorted_sequence, ops.minimum(middle, count - 1))
        # NaN comes after all numbers
        if side == "left":
            beyond = ops.logical_or(ops.less(met, values), ops.logical_and(ops.isnan(values), ops.equal(met, met)))
        else:
            beyond = ops.logical_or(ops.less_equal(met, values), ops.isnan(values))
        beyond = ops.logical_and(beyond, ops.less(low, high))
        low, high = ops.where(beyond, ops.add(middle, 1), low), ops.where(beyond, high, middle)
    return low  # type: ignore[no-any-return]


def _binned(x: KerasTensor, bins: KerasTensor) -> Shape:
    if len(bins.shape) != 1:
        raise ValueError(f"bins must have one dimension, got shape {bins.shape}")
    return x.shape


@op(shape=_binned, dtype=DtypeRule(promoted.common, counted.result))
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
