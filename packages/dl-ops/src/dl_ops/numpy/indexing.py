"""Choosing elements by index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dl_ops import ops, tree
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size, ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import INT_TYPES
from dl_ops.interchange import convert_to_numpy
from dl_ops.op import op, primitive
from dl_ops.rules import (
    broadcast_shapes,
    check_indices,
    kept,
    product,
    standardize_axis,
)
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import IndicesLike, Shape, Structure, Tensor, TensorLike

if TYPE_CHECKING:
    from types import EllipsisType

__all__ = [
    "gather_item",
    "get_item",
    "take",
    "take_along_axis",
]


def _taken(x: KerasTensor, indices: KerasTensor, axis: int | None = None) -> Shape:
    check_indices(indices)
    if axis is None:
        return indices.shape
    along = standardize_axis(axis, len(x.shape))
    return (*x.shape[:along], *indices.shape, *x.shape[along + 1 :])


@op(shape=_taken, dtype=kept)
def take(x: TensorLike, indices: IndicesLike, axis: int | None = None) -> Tensor:
    """Elements, or slices along an axis, at given indices.

    Parameters
    ----------
    x : tensor_like
    indices : tensor_like of int, shape (i...)
        Negative ones count from the end. What comes of one out of range depends on the backend.
    axis : int, optional
        By default `x` is flattened.

    Returns
    -------
    tensor
        Of the shape of `x` with ``i...`` in the place of the axis.

    Raises
    ------
    ValueError
        If the axis is out of range.

    Examples
    --------
    >>> take([[1, 2, 3], [4, 5, 6]], [2, 0], axis=1).tolist()
    [[3, 1], [6, 4]]
    """
    raise primitive()


def _taken_along(x: KerasTensor, indices: KerasTensor, axis: int | None = None) -> Shape:
    check_indices(indices)
    if axis is None:
        return (product(indices.shape),)
    along = standardize_axis(axis, len(x.shape))
    if len(indices.shape) != len(x.shape):
        raise ValueError(f"indices of shape {indices.shape} must have as many dimensions as x of shape {x.shape}")
    others = [(*shape[:along], *shape[along + 1 :]) for shape in (x.shape, indices.shape)]
    common = broadcast_shapes(*others)
    return (*common[:along], indices.shape[along], *common[along:])


@op(shape=_taken_along, dtype=kept)
def take_along_axis(x: TensorLike, indices: IndicesLike, axis: int | None = None) -> Tensor:
    """Elements along an axis at indices of their own for each position in the other axes.

    Parameters
    ----------
    x : tensor_like
    indices : tensor_like of int
        With as many dimensions as `x`, and sizes that broadcast in the other axes.
    axis : int, optional
        By default both are flattened.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> take_along_axis([[3, 1], [2, 4]], [[1, 0], [0, 1]], axis=1).tolist()
    [[1, 3], [2, 4]]
    """
    if axis is None:
        return take_along_axis(ops.reshape(x, (-1,)), ops.reshape(indices, (-1,)), 0)
    along = standardize_axis(axis, ndim(x))
    sizes = [known_size(x, i) for i in range(ndim(x))]
    strides = [0 if size == 1 else math.prod(sizes[i + 1 :]) for i, size in enumerate(sizes)]
    others = broadcast_shapes(*[(*shape[:along], 1, *shape[along + 1 :]) for shape in (shape_of(x), shape_of(indices))])
    # where each row begins among all the elements in a line
    starts = np.zeros((1,) * len(sizes), "int32")
    for i, position in enumerate(np.ogrid[tuple(slice(size) for size in others)]):
        starts = starts + (position * strides[i]).astype("int32")
    position = ops.where(ops.less(indices, 0), ops.add(indices, sizes[along]), indices)
    return take(ops.reshape(x, (-1,)), ops.add(ops.multiply(position, math.prod(sizes[along + 1 :])), starts), 0)


TENSOR: Final = "tensor"
"""Stands for a tensor in the key of `gather_item`."""


# by exact type, as a set is asked faster than isinstance; bool, which is a mask, is none of them
_STATIC: Final = frozenset({int, slice, type(None), type(...), *(np.dtype(name).type for name in INT_TYPES)})


def get_item(x: TensorLike, key: Any) -> Tensor:
    """Part of a tensor, as ``x[key]`` says it in Python.

    Parameters
    ----------
    x : tensor_like
    key : int, slice, None, Ellipsis, tensor_like, or a tuple of them
        Tensors hold integers, which index, or booleans, which say what to keep. As in NumPy, several of them, and
        integers beside them, broadcast with each other; their axes are where they were if they were neighbours, else in
        front.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If the key does not fit the shape of `x`.

    Examples
    --------
    >>> get_item([[1, 2, 3], [4, 5, 6]], (slice(None), -1)).tolist()
    [3, 6]
    >>> get_item([1, 2, 3], [0, 2]).tolist()
    [1, 3]
    """
    if type(key) is not tuple:
        key = (key,)
    if _STATIC.issuperset(map(type, key)):
        return _get_item(x, key)
    marked = tuple(entry if type(entry) in _STATIC else TENSOR for entry in key)
    return gather_item(x, [_index(entry) for entry, mark in zip(key, marked, strict=True) if mark == TENSOR], marked)


def _index(entry: Any) -> Any:
    """Tensor or array of an entry of a key; lists would pass for structures of tensors."""
    if not isinstance(entry, (list, tuple)):
        return np.asarray(entry) if isinstance(entry, bool) else entry
    numbers = all(isinstance(leaf, (int, np.generic, np.ndarray)) for leaf in tree.flatten(entry))
    return convert_to_numpy(entry) if numbers else ops.stack(entry)


def _without_ellipsis(key: Sequence[Any], rank: int, widths: Sequence[int]) -> list[Any]:
    """Entries of a key with one entry for each of the `rank` axes, apart from new ones."""
    used = sum(widths)
    if used > rank or sum(entry is ... for entry in key) > 1:
        raise ValueError(f"key {tuple(key)} has too many indices for a tensor with {rank} dimensions")
    entries: list[Any] = []
    for entry in key if any(e is ... for e in key) else (*key, ...):
        entries += [slice(None)] * (rank - used) if entry is ... else [entry]
    return entries


def _sliced(size: int | None, part: slice) -> int | None:
    try:
        return None if size is None else len(range(*part.indices(size)))
    except TypeError:
        # the bounds are tensors whose values are not known while a graph is built
        return None


def _gotten(x: KerasTensor, key: tuple[int | slice | EllipsisType | None, ...]) -> Shape:
    sizes: list[int | None] = []
    rest = iter(x.shape)
    for entry in _without_ellipsis(key, len(x.shape), [0 if entry is None or entry is ... else 1 for entry in key]):
        if entry is None:
            sizes.append(1)
            continue
        size = next(rest)
        if isinstance(entry, slice):
            sizes.append(_sliced(size, entry))
        elif size is not None and not -size <= entry < size:
            raise ValueError(f"index {entry} is out of range for an axis of size {size}, in shape {x.shape}")
    return tuple(sizes)


@op(shape=_gotten, dtype=kept, name="get_item")
def _get_item(x: TensorLike, key: tuple[int | slice | EllipsisType | None, ...]) -> Tensor:
    """``x[key]`` for a key without tensors: integers, slices, ``None`` and at most one ellipsis."""
    raise primitive()


def full_key(key: tuple[Any, ...], indices: Sequence[Any]) -> tuple[Any, ...]:
    """`key` with `indices` in the places of `TENSOR`, as frameworks that index like NumPy take it."""
    rest = iter(indices)
    return tuple(next(rest) if entry == TENSOR else entry for entry in key)


def _gathered(x: KerasTensor, indices: Sequence[KerasTensor], key: tuple[Any, ...]) -> KerasTensor:
    entries, start = split_key(key, indices, x.shape)
    shapes = [entry.shape if entry.dtype != "bool" else (None,) for entry in entries if isinstance(entry, KerasTensor)]
    sizes: list[int | None] = []
    axes = iter(x.shape)
    for entry in entries:
        if entry is None:
            sizes.append(1)
        elif isinstance(entry, slice):
            sizes.append(_sliced(next(axes), entry))
        elif isinstance(entry, KerasTensor) and entry.dtype == "bool":
            mask = tuple(next(axes) for _ in entry.shape)
            if any(None not in pair and pair[0] != pair[1] for pair in zip(mask, entry.shape, strict=True)):
                raise ValueError(f"mask of shape {entry.shape} does not fit axes of sizes {mask}")
        else:
            size = next(axes)
            if isinstance(entry, int) and size is not None and not -size <= entry < size:
                raise ValueError(f"index {entry} is out of range for an axis of size {size}, in shape {x.shape}")
    return KerasTensor((*sizes[:start], *broadcast_shapes(*shapes), *sizes[start:]), x.dtype, record_history=False)


def split_key(key: tuple[Any, ...], indices: Sequence[Any], shape: Shape) -> tuple[list[Any], int]:
    """Entries of the key with tensors filled in, one for each axis or mask; where the result has the tensors' axes."""
    full = full_key(key, indices)
    widths = [
        0
        if entry is None or entry is ...
        else len(shape_of(entry))
        if mark == TENSOR and dtype_of(entry) == "bool"
        else 1
        for mark, entry in zip(key, full, strict=True)
    ]
    advanced = [i for i, entry in enumerate(key) if entry == TENSOR or isinstance(entry, (int, np.integer))]
    together = advanced[-1] - advanced[0] + 1 == len(advanced)
    entries = _without_ellipsis(full, len(shape), widths)
    first = next(i for i, entry in enumerate(entries) if not (entry is None or isinstance(entry, slice)))
    return [int(entry) if isinstance(entry, np.integer) else entry for entry in entries], first if together else 0


@op(spec=_gathered, dtype=kept)
def gather_item(x: TensorLike, indices: Structure, key: tuple[Any, ...]) -> Tensor:
    """Part of a tensor by a key with tensors in it; `get_item` calls it.

    Parameters
    ----------
    x : tensor_like
    indices : list of tensor_like
        Tensors of integers or booleans.
    key : tuple
        Integers, slices, ``None`` and at most one ellipsis, and `TENSOR` where a tensor of `indices` goes.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If the key does not fit the shape of `x`.

    Examples
    --------
    >>> gather_item([[1, 2], [3, 4]], [[1, 0]], (slice(None), TENSOR)).tolist()
    [[2, 1], [4, 3]]
    """
    entries, start = split_key(key, indices, shape_of(x))
    positions: list[Tensor] = []
    plain: list[Any] = []
    chosen: list[int] = []
    for entry in entries:
        if entry is None or isinstance(entry, slice):
            plain.append(entry)
            continue
        masks = [] if isinstance(entry, int) or dtype_of(entry) != "bool" else list(ops.nonzero(entry))
        for position in masks or [entry]:
            chosen.append(len(plain))
            plain.append(slice(None))
            positions.append(position)
    parts = _get_item(x, tuple(plain))
    sizes = shape_of(parts)
    rest = [i for i in range(len(sizes)) if i not in chosen]
    flat = ops.reshape(ops.transpose(parts, (*chosen, *rest)), (-1, *(sizes[i] for i in rest)))
    linear: Any = 0
    for axis, position in zip(chosen, positions, strict=True):
        size = known_size(parts, axis)
        linear = ops.add(
            ops.multiply(linear, size), ops.where(ops.less(position, 0), ops.add(position, size), position)
        )
    y = take(flat, linear, axis=0)
    width = ndim(linear)
    return ops.moveaxis(y, tuple(range(width)), tuple(range(start, start + width)))
