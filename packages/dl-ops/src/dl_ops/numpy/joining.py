"""Tensors put together and taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op, primitive
from dl_ops.rules import kept, promoted, standardize_axis
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["append", "concatenate", "hstack", "split", "stack", "unstack", "vstack"]


def _some(name: str, tensors: Sequence[Any]) -> None:
    if not tensors:
        raise ValueError(f"{name} must hold at least one tensor")


def _merged(name: str, shapes: Sequence[Shape], axis: int | None) -> list[int | None]:
    """Sizes that the shapes agree in, whatever they are along `axis`."""
    merged = list(shapes[0])
    for shape in shapes[1:]:
        if len(shape) != len(merged):
            raise ValueError(f"{name} must have equally many dimensions, got shapes {', '.join(map(str, shapes))}")
        for i, size in enumerate(shape):
            if i == axis:
                continue
            if None not in (size, merged[i]) and size != merged[i]:
                raise ValueError(
                    f"{name} must agree in all axes{'' if axis is None else f' but {axis}'}, "
                    f"got shapes {', '.join(map(str, shapes))}"
                )
            merged[i] = size if merged[i] is None else merged[i]
    return merged


def _total(sizes: Iterable[int | None]) -> int | None:
    total = 0
    for size in sizes:
        if size is None:
            return None
        total += size
    return total


def _concatenated(xs: Sequence[KerasTensor], axis: int | None = 0) -> Shape:
    _some("xs", xs)
    shapes = [x.shape for x in xs]
    along = standardize_axis(0 if axis is None else axis, len(shapes[0]))
    merged = _merged("xs", shapes, along)
    merged[along] = _total(shape[along] for shape in shapes)
    return tuple(merged)


@op(shape=_concatenated, dtype=promoted)
def concatenate(xs: Sequence[TensorLike], axis: int = 0) -> Tensor:
    """Join tensors along an axis that they have.

    Parameters
    ----------
    xs : sequence of tensor_like
        Of shapes that agree in all other axes.
    axis : int, default 0

    Returns
    -------
    tensor
        Of the promoted dtype.

    Raises
    ------
    ValueError
        If there are none, or their shapes do not agree.

    Examples
    --------
    >>> concatenate([[[1, 2]], [[3, 4]]]).tolist()
    [[1, 2], [3, 4]]
    """
    raise primitive()


def _stacked(x: Sequence[KerasTensor], axis: int = 0) -> Shape:
    _some("x", x)
    merged = _merged("x", [item.shape for item in x], None)
    merged.insert(standardize_axis(axis, len(merged) + 1), len(x))
    return tuple(merged)


@op(shape=_stacked, dtype=promoted)
def stack(x: Sequence[TensorLike], axis: int = 0) -> Tensor:
    """Join tensors along a new axis.

    Parameters
    ----------
    x : sequence of tensor_like
        All of the same shape.
    axis : int, default 0
        Position of the new axis in the result.

    Returns
    -------
    tensor
        Of the promoted dtype.

    Raises
    ------
    ValueError
        If there are none, or their shapes differ.

    Examples
    --------
    >>> stack([[1, 2], [3, 4]], axis=1).tolist()
    [[1, 3], [2, 4]]
    """
    return concatenate([ops.expand_dims(item, axis) for item in x], axis=axis)


def _boundaries(size: int | None, indices_or_sections: int | Sequence[int], axis: int) -> list[Any]:
    """Where parts of an axis begin and end; ``None`` where that is not known."""
    if isinstance(indices_or_sections, int):
        sections = indices_or_sections
        if sections < 1 or (size is not None and size % sections):
            raise ValueError(
                f"indices_or_sections={sections}: axis {axis} of size {size} does not split into {sections} equal parts"
            )
        if size is None:
            return [0, *(None,) * sections]
        return list(range(0, size + 1, size // sections)) if size else [0] * (sections + 1)
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


@op(dtype=promoted)
def hstack(xs: Sequence[TensorLike]) -> Tensor:
    """Join tensors along the second axis, or the first where they have only one.

    Parameters
    ----------
    xs : sequence of tensor_like
        Numbers count as tensors of one element.

    Returns
    -------
    tensor
        Of the promoted dtype.

    Examples
    --------
    >>> hstack([[[1], [2]], [[3], [4]]]).tolist()
    [[1, 3], [2, 4]]
    """
    _some("xs", xs)
    rows = [ops.reshape(x, (1,)) if ndim(x) == 0 else x for x in xs]
    return concatenate(rows, axis=0 if ndim(rows[0]) == 1 else 1)


@op(dtype=promoted)
def vstack(xs: Sequence[TensorLike]) -> Tensor:
    """Join tensors along the first axis, those of one dimension as rows.

    Parameters
    ----------
    xs : sequence of tensor_like

    Returns
    -------
    tensor
        Of the promoted dtype.

    Examples
    --------
    >>> vstack([[1, 2], [3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
    _some("xs", xs)
    return concatenate([ops.reshape(x, (1, -1)) if ndim(x) < 2 else x for x in xs], axis=0)


@op(dtype=promoted)
def append(x1: TensorLike, x2: TensorLike, axis: int | None = None) -> Tensor:
    """Join two tensors along an axis.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that agree in all other axes.
    axis : int, optional
        By default both are flattened.

    Returns
    -------
    tensor
        Of the promoted dtype.

    Examples
    --------
    >>> append([1, 2], [[3, 4]]).tolist()
    [1, 2, 3, 4]
    """
    if axis is None:
        return concatenate([ops.ravel(x1), ops.ravel(x2)])
    return concatenate([x1, x2], axis=axis)
