"""Tensors taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import known_size, ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op
from dl_ops.rules import kept, standardize_axis
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["array_split", "dsplit", "hsplit", "split", "unstack", "vsplit"]


def _boundaries(size: int | None, indices_or_sections: int | Sequence[int], axis: int) -> list[Any]:
    """Where parts of an axis begin and end; ``None`` where that is not known."""
    if isinstance(indices_or_sections, (int, np.integer)):
        sections = int(indices_or_sections)
        if sections < 1 or (size is not None and size % sections):
            raise ValueError(
                f"indices_or_sections={sections}: axis {axis} of size {size} does not split into {sections} equal parts"
            )
        if size is None:
            return [0, *(None,) * sections]
        return list(range(0, size + 1, size // sections)) if size else [0] * (sections + 1)
    if isinstance(indices_or_sections, (str, float)) or not all(hasattr(i, "__index__") for i in indices_or_sections):
        raise TypeError(f"indices_or_sections={indices_or_sections!r}: expected a number of parts, or where to cut")
    return [0, *(int(index) for index in indices_or_sections), size]


def _parts(x: KerasTensor, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[KerasTensor]:
    along = standardize_axis(axis, len(x.shape))
    size = x.shape[along]
    bounds = _boundaries(size, indices_or_sections, axis)
    if size is None:
        ends = [None if None in (start, stop) else max(0, stop - start) for start, stop in pairwise(bounds)]
    else:
        ends = [len(range(size)[start:stop]) for start, stop in pairwise(bounds)]
    return [KerasTensor((*x.shape[:along], end, *x.shape[along + 1 :]), x.dtype, record_history=False) for end in ends]


@op(spec=_parts, dtype=kept)
def split(x: TensorLike, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Take a tensor apart along an axis.

    Parameters
    ----------
    x : tensor_like
    indices_or_sections : int or sequence of int
        Number of equal parts, or where the second and later parts begin.
    axis : int, default 0

    Returns
    -------
    list of tensor

    Raises
    ------
    ValueError
        If the axis does not split into so many equal parts.

    Examples
    --------
    >>> [part.tolist() for part in split([1, 2, 3, 4], 2)]
    [[1, 2], [3, 4]]
    >>> [part.tolist() for part in split([1, 2, 3, 4], [1, 3])]
    [[1], [2, 3], [4]]
    """
    along = standardize_axis(axis, ndim(x))
    bounds = _boundaries(shape_of(x)[along], indices_or_sections, axis)
    before = (slice(None),) * along
    return [ops.get_item(x, (*before, slice(start, stop))) for start, stop in pairwise(bounds)]


def _unstacked(x: KerasTensor, num: int | None = None, axis: int = 0) -> list[KerasTensor]:
    along = standardize_axis(axis, len(x.shape))
    count = _number(x.shape, num, along)
    shape = (*x.shape[:along], *x.shape[along + 1 :])
    return [KerasTensor(shape, x.dtype, record_history=False) for _ in range(count)]


def _number(shape: Shape, num: int | None, axis: int) -> int:
    size = shape[axis]
    count = size if num is None else num
    if count is None:
        raise ValueError(f"num is needed where the size of axis {axis} is not known, in shape {shape}")
    if size not in (None, count):
        raise ValueError(f"num={num}: axis {axis} has size {size}")
    return count


@op(spec=_unstacked, dtype=kept)
def unstack(x: TensorLike, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """Take a tensor apart into its slices along an axis, which they do not have.

    Parameters
    ----------
    x : tensor_like
    num : int, optional
        Size of the axis; needed where it is not known.
    axis : int, default 0

    Returns
    -------
    list of tensor

    Raises
    ------
    ValueError
        If `num` is not the axis's size, or neither is known.

    Examples
    --------
    >>> [row.tolist() for row in unstack([[1, 2], [3, 4]])]
    [[1, 2], [3, 4]]
    """
    along = standardize_axis(axis, ndim(x))
    before = (slice(None),) * along
    return [ops.get_item(x, (*before, i)) for i in range(_number(shape_of(x), num, along))]


def _nearly_equal(size: int | None, sections: Any) -> list[int | None]:
    """Sizes of so many parts of an axis, the first of them larger by one where it does not split evenly."""
    if not isinstance(sections, (int, np.integer)):
        raise TypeError(f"indices_or_sections={sections!r}: expected the number of parts, an integer")
    if sections < 1:
        raise ValueError(f"indices_or_sections={sections}: expected a positive number of parts")
    if size is None:
        return [None] * int(sections)
    smaller, larger = divmod(size, int(sections))
    return [smaller + (i < larger) for i in range(int(sections))]


def _near_parts(x: KerasTensor, indices_or_sections: int, axis: int = 0) -> list[KerasTensor]:
    along = standardize_axis(axis, len(x.shape))
    sizes = _nearly_equal(x.shape[along], indices_or_sections)
    return [KerasTensor((*x.shape[:along], n, *x.shape[along + 1 :]), x.dtype, record_history=False) for n in sizes]


@op(spec=_near_parts, dtype=kept)
def array_split(x: TensorLike, indices_or_sections: int, axis: int = 0) -> list[Tensor]:
    """Take a tensor apart along an axis into parts whose sizes differ by one at most, the larger ones first.

    Parameters
    ----------
    x : tensor_like
    indices_or_sections : int
        Number of parts.
    axis : int, default 0

    Returns
    -------
    list of tensor

    Raises
    ------
    ValueError
        If the number is not positive, or `x` has no such axis.

    Examples
    --------
    >>> [part.tolist() for part in array_split([1, 2, 3, 4, 5], 3)]
    [[1, 2], [3, 4], [5]]
    """
    along = standardize_axis(axis, ndim(x))
    sizes = _nearly_equal(known_size(x, along), indices_or_sections)
    return split(x, list(accumulate(size or 0 for size in sizes[:-1])), along)


def _vertical(x: KerasTensor, indices_or_sections: int | Sequence[int]) -> list[KerasTensor]:
    return _parts(x, indices_or_sections, 0)


@op(spec=_vertical, dtype=kept)
def vsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Take a tensor apart along the first axis.

    Parameters
    ----------
    x : tensor_like
    indices_or_sections : int or sequence of int
        As for `split`.

    Returns
    -------
    list of tensor

    Raises
    ------
    ValueError
        If `x` has no dimension, or the axis does not split into so many equal parts.

    Examples
    --------
    >>> [part.tolist() for part in vsplit([[1, 2], [3, 4]], 2)]
    [[[1, 2]], [[3, 4]]]
    """
    return split(x, indices_or_sections, 0)


def _horizontal(x: KerasTensor, indices_or_sections: int | Sequence[int]) -> list[KerasTensor]:
    return _parts(x, indices_or_sections, 0 if len(x.shape) == 1 else 1)


@op(spec=_horizontal, dtype=kept)
def hsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Take a tensor apart along the second axis, or the first where it has only one.

    Parameters
    ----------
    x : tensor_like
    indices_or_sections : int or sequence of int
        As for `split`.

    Returns
    -------
    list of tensor

    Raises
    ------
    ValueError
        If `x` has no dimension, or the axis does not split into so many equal parts.

    Examples
    --------
    >>> [part.tolist() for part in hsplit([[1, 2], [3, 4]], 2)]
    [[[1], [3]], [[2], [4]]]
    """
    return split(x, indices_or_sections, 0 if ndim(x) == 1 else 1)


def _in_depth(x: KerasTensor, indices_or_sections: int | Sequence[int]) -> list[KerasTensor]:
    return _parts(x, indices_or_sections, 2)


@op(spec=_in_depth, dtype=kept)
def dsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Take a tensor apart along the third axis.

    Parameters
    ----------
    x : tensor_like
        Of at least three dimensions.
    indices_or_sections : int or sequence of int
        As for `split`.

    Returns
    -------
    list of tensor

    Raises
    ------
    ValueError
        If `x` has fewer dimensions, or the axis does not split into so many equal parts.

    Examples
    --------
    >>> [part.tolist() for part in dsplit([[[1, 2]]], 2)]
    [[[[1]]], [[[2]]]]
    """
    return split(x, indices_or_sections, 2)
