"""Reductions of rows that share a segment number."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.dtypes import finite_range, is_float, standardize_dtype
from dl_ops.op import op
from dl_ops.rules import kept
from dl_ops.typing import IndicesLike, Shape, Tensor, TensorLike

__all__ = ["segment_max", "segment_min", "segment_prod", "segment_sum"]


def _segments(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Shape:
    if len(segment_ids.shape) != 1:
        raise ValueError(f"segment_ids has shape {segment_ids.shape}: expected one dimension")
    if not data.shape or (None not in (data.shape[0], segment_ids.shape[0]) and data.shape[0] != segment_ids.shape[0]):
        raise ValueError(f"data of shape {data.shape} needs a segment number a row, got {segment_ids.shape[0]}")
    if num_segments is not None and num_segments < 0:
        raise ValueError(f"num_segments={num_segments}: expected a number that is not negative")
    return (num_segments, *data.shape[1:])


def _reduce(data: Any, segment_ids: Any, num_segments: int | None, reduction: str) -> Tensor:
    _segments(data, segment_ids, num_segments)
    if num_segments is None:
        num_segments = int(ops.convert_to_numpy(ops.max(segment_ids))) + 1
    valid = ops.logical_and(ops.greater_equal(segment_ids, 0), ops.less(segment_ids, num_segments))
    # rows of no segment go into one that is cut off at the end
    index = ops.where(valid, segment_ids, num_segments)
    dtype = standardize_dtype(data.dtype)
    result = ops.full((num_segments + 1, *data.shape[1:]), _neutral(reduction, dtype), dtype=dtype)
    reduced: Tensor = ops.scatter_update(result, ops.expand_dims(index, -1), data, reduction=reduction)[:num_segments]
    return reduced


def _neutral(reduction: str, dtype: str) -> Any:
    """What a reduction begins with."""
    if reduction in ("add", "mul"):
        return 0 if reduction == "add" else 1
    lowest = reduction == "max"
    if is_float(dtype):
        return float("-inf" if lowest else "inf")
    if dtype == "bool":
        return not lowest
    return finite_range(dtype)[0 if lowest else 1]


@op(shape=_segments, dtype=kept)
def segment_sum(
    data: TensorLike, segment_ids: IndicesLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Sum of the rows of each segment.

    Parameters
    ----------
    data : tensor_like, shape (rows, ...)
    segment_ids : tensor_like of int, shape (rows,)
        The segment of each row. Rows with a number outside ``range(num_segments)`` are left out.
    num_segments : int, optional
        By default one more than the largest number, which must then be known.
    sorted : bool, default False
        Promise that `segment_ids` do not decrease, which may be faster.

    Returns
    -------
    tensor, shape (num_segments, ...)
        0 for a segment without rows.

    Examples
    --------
    >>> segment_sum([1, 2, 30], [0, 2, 0], num_segments=3).tolist()
    [31, 0, 2]
    """
    return _reduce(data, segment_ids, num_segments, "add")


@op(shape=_segments, dtype=kept)
def segment_max(
    data: TensorLike, segment_ids: IndicesLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Maximum over the rows of each segment.

    Parameters
    ----------
    data, segment_ids, num_segments, sorted
        As for `segment_sum`.

    Returns
    -------
    tensor, shape (num_segments, ...)
        The smallest number of the dtype for a segment without rows: minus infinity for floats.

    Examples
    --------
    >>> segment_max([1.0, 2.0, 30.0], [0, 2, 2], num_segments=3).tolist()
    [1.0, -inf, 30.0]
    """
    return _reduce(data, segment_ids, num_segments, "max")


@op(shape=_segments, dtype=kept)
def segment_min(
    data: TensorLike, segment_ids: IndicesLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Minimum over the rows of each segment.

    Parameters
    ----------
    data, segment_ids, num_segments, sorted
        As for `segment_sum`.

    Returns
    -------
    tensor, shape (num_segments, ...)
        The largest number of the dtype for a segment without rows: infinity for floats.

    Examples
    --------
    >>> segment_min([1.0, 2.0, 30.0], [0, 2, 2], num_segments=3).tolist()
    [1.0, inf, 2.0]
    """
    return _reduce(data, segment_ids, num_segments, "min")


@op(shape=_segments, dtype=kept)
def segment_prod(
    data: TensorLike, segment_ids: IndicesLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Product of the rows of each segment.

    Parameters
    ----------
    data, segment_ids, num_segments, sorted
        As for `segment_sum`.

    Returns
    -------
    tensor, shape (num_segments, ...)
        1 for a segment without rows.

    Examples
    --------
    >>> segment_prod([4, 2, 30], [0, 2, 0], num_segments=3).tolist()
    [120, 1, 2]
    """
    return _reduce(data, segment_ids, num_segments, "mul")
