"""Choosing elements: by index, by condition, along diagonals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op, primitive
from dl_ops.rules import (
    accumulated,
    broadcast,
    broadcast_shapes,
    kept,
    product,
    promoted,
    standardize_axes,
    standardize_axis,
)
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import ConditionLike, IndicesLike, Shape, Structure, Tensor, TensorLike

if TYPE_CHECKING:
    from types import EllipsisType

__all__ = [
    "diag",
    "diagonal",
    "gather_item",
    "get_item",
    "meshgrid",
    "nonzero",
    "select",
    "take",
    "take_along_axis",
    "trace",
    "where",
]


# -- by index -------------------------------------------------------------------------------------------------------


def _taken(x: KerasTensor, indices: KerasTensor, axis: int | None = None) -> Shape:
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
    raise primitive()


TENSOR: Final = "tensor"
"""Stands for a tensor in the key of `gather_item`."""

_STATIC: Final = (int, np.integer, slice, type(None), type(...))


def get_item(x: TensorLike, key: Any) -> Tensor:
    """Part of a tensor, as ``x[key]`` says it in Python.

    Parameters
    ----------
    x : tensor_like
    key : int, slice, None, Ellipsis, tensor_like, or a tuple of them
        Tensors hold integers, which index, or booleans, which say what to keep. As in NumPy, several of them, and integers beside them,
        broadcast with each other; their axes are where they were if they were neighbours, else in front.

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
    if all(isinstance(entry, _STATIC) and type(entry) is not bool for entry in key):
        return _get_item(x, key)
    marked = tuple(entry if isinstance(entry, _STATIC) and type(entry) is not bool else TENSOR for entry in key)
    return gather_item(x, [entry for entry, mark in zip(key, marked, strict=True) if mark is TENSOR], marked)


def _without_ellipsis(key: Sequence[Any], rank: int, widths: Sequence[int]) -> list[Any]:
    """Entries of a key with one entry for each of the `rank` axes, apart from new ones."""
    used = sum(widths)
    if used > rank or sum(entry is ... for entry in key) > 1:
        raise ValueError(f"key {tuple(key)} has too many indices for a tensor with {rank} dimensions")
    entries: list[Any] = []
    for entry in (*key, *(() if ... in [e for e in key if e is ...] else (...,))):
        entries += [slice(None)] * (rank - used) if entry is ... else [entry]
    return entries


def _sliced(size: int | None, part: slice) -> int | None:
    if size is not None:
        try:
            return len(range(*part.indices(size)))
        except TypeError:
            return None
    return None if part != slice(None) or size is None else size


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
    return tuple(next(rest) if entry is TENSOR else entry for entry in key)


def _gathered(x: KerasTensor, indices: Sequence[KerasTensor], key: tuple[Any, ...]) -> KerasTensor:
    entries, start = _advanced(key, indices, x.shape)
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


def _advanced(key: tuple[Any, ...], indices: Sequence[Any], shape: Shape) -> tuple[list[Any], int]:
    """Entries of the key, one for each axis or mask, with tensors filled in; and where in the result the axes of the tensors go."""
    full = full_key(key, indices)
    widths = [
        0
        if entry is None or entry is ...
        else len(shape_of(entry))
        if mark is TENSOR and dtype_of(entry) == "bool"
        else 1
        for mark, entry in zip(key, full, strict=True)
    ]
    advanced = [i for i, entry in enumerate(key) if entry is TENSOR or isinstance(entry, (int, np.integer))]
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
    entries, start = _advanced(key, indices, shape_of(x))
    positions: list[Tensor] = []
    plain: list[Any] = []
    chosen: list[int] = []
    for entry in entries:
        if entry is None or isinstance(entry, slice):
            plain.append(entry)
            continue
        masks = [] if isinstance(entry, int) or dtype_of(entry) != "bool" else list(nonzero(entry))
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
        size = sizes[axis]
        linear = ops.add(ops.multiply(linear, size), where(ops.less(position, 0), ops.add(position, size), position))
    y = take(flat, linear, axis=0)
    width = ndim(linear)
    return ops.moveaxis(y, tuple(range(width)), tuple(range(start, start + width)))


# -- by condition -----------------------------------------------------------------------------------------------------


def where(condition: ConditionLike, x1: TensorLike | None = None, x2: TensorLike | None = None) -> Any:
    """Elements of `x1` where a condition holds, of `x2` elsewhere.

    Parameters
    ----------
    condition : tensor_like
        Whatever is not zero is true.
    x1, x2 : tensor_like, optional
        Of shapes that broadcast with the condition's. Without both, the result is that of ``nonzero(condition)``.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype of `x1` and `x2`.

    Raises
    ------
    ValueError
        If only one of `x1` and `x2` is given, or shapes do not broadcast.

    Examples
    --------
    >>> where([True, False], [1, 2], 0).tolist()
    [1, 0]
    """
    if x1 is None or x2 is None:
        if x1 is None and x2 is None:
            return nonzero(condition)
        raise ValueError(f"where(): give both x1 and x2, or none of them; {'x1' if x1 is None else 'x2'} is missing")
    return _where(condition, x1, x2)


@op(shape=broadcast, dtype=promoted, name="where")
def _where(condition: ConditionLike, x1: TensorLike, x2: TensorLike) -> Tensor:
    """`where` with both alternatives."""
    raise primitive()


def _nonzeros(x: KerasTensor) -> tuple[KerasTensor, ...]:
    return tuple(KerasTensor((None,), "int32", record_history=False) for _ in x.shape)


@op(spec=_nonzeros, dtype=kept)
def nonzero(x: TensorLike) -> tuple[Tensor, ...]:
    """Positions of the elements that are not zero.

    Parameters
    ----------
    x : tensor_like

    Returns
    -------
    tuple of tensor of int32, shape (number,)
        Their indices, one tensor for each axis.

    Examples
    --------
    >>> [index.tolist() for index in nonzero([[0, 1], [2, 0]])]
    [[0, 1], [1, 0]]
    """
    raise primitive()


def _selected(
    condlist: Sequence[KerasTensor], choicelist: Sequence[KerasTensor], default: KerasTensor | None = None
) -> Shape:
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(
            f"condlist and choicelist must hold equally many tensors, got {len(condlist)} and {len(choicelist)}"
        )
    return broadcast_shapes(*(x.shape for x in (*condlist, *choicelist, *(() if default is None else (default,)))))


@op(shape=_selected, dtype=promoted)
def select(condlist: Structure, choicelist: Sequence[TensorLike], default: TensorLike = 0) -> Tensor:
    """Elements of the first of several tensors whose condition holds.

    Parameters
    ----------
    condlist : sequence of tensor_like
        Conditions.
    choicelist : sequence of tensor_like
        As many, of shapes that broadcast.
    default : tensor_like, default 0
        Where no condition holds.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ValueError
        If the lists are empty or differ in length.

    Examples
    --------
    >>> select([[True, False, False], [True, True, False]], [[1, 1, 1], [2, 2, 2]], 7).tolist()
    [1, 2, 7]
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(
            f"select(): condlist and choicelist must hold equally many tensors, got {len(condlist)} and {len(choicelist)}"
        )
    y = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        y = where(condition, choice, y)
    return y  # type: ignore[return-value]  # where() gives a tensor


# -- diagonals ----------------------------------------------------------------------------------------------------------


def _diagonal_length(rows: int | None, columns: int | None, offset: int) -> int | None:
    if rows is None or columns is None:
        return None
    return max(0, min(rows + min(offset, 0), columns - max(offset, 0)))


def _diagonal(x: KerasTensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Shape:
    if len(x.shape) < 2:
        raise ValueError(f"x must have at least two dimensions, got shape {x.shape}")
    i, j = standardize_axes((axis1, axis2), len(x.shape))
    rest = tuple(size for axis, size in enumerate(x.shape) if axis not in (i, j))
    return (*rest, _diagonal_length(x.shape[i], x.shape[j], offset))


@op(shape=_diagonal, dtype=kept)
def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Diagonals of the matrices in two axes.

    Parameters
    ----------
    x : tensor_like
        Of at least two dimensions.
    offset : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.
    axis1, axis2 : int
        Rows and columns of the matrices.

    Returns
    -------
    tensor
        Without those axes, and with the diagonals in the last one.

    Raises
    ------
    ValueError
        If the axes are not two different ones of `x`.

    Examples
    --------
    >>> diagonal([[1, 2], [3, 4]]).tolist(), diagonal([[1, 2], [3, 4]], 1).tolist()
    ([1, 4], [2])
    """
    matrices = ops.moveaxis(x, (axis1, axis2), (-2, -1))
    *rest, rows, columns = shape_of(matrices)
    length = _diagonal_length(rows, columns, offset)
    first = -min(offset, 0) * columns + max(offset, 0)  # type: ignore[operator]  # known when it runs
    indices = first + (columns + 1) * np.arange(length, dtype="int32")  # type: ignore[operator]
    return take(ops.reshape(matrices, (*rest, rows * columns)), indices, axis=-1)  # type: ignore[operator]


def _diag(x: KerasTensor, k: int = 0) -> Shape:
    if len(x.shape) not in (1, 2):
        raise ValueError(f"x must have one or two dimensions, got shape {x.shape}")
    if len(x.shape) == 2:
        return _diagonal(x, k)
    size = None if x.shape[0] is None else x.shape[0] + abs(k)
    return (size, size)


@op(shape=_diag, dtype=kept)
def diag(x: TensorLike, k: int = 0) -> Tensor:
    """Matrix with a given diagonal and zeros elsewhere, or the diagonal of a given matrix.

    Parameters
    ----------
    x : tensor_like, shape (n,) or (m, n)
        The diagonal, or the matrix.
    k : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.

    Returns
    -------
    tensor, shape (n + abs(k), n + abs(k)), or that of the diagonal

    Raises
    ------
    ValueError
        If `x` has neither one dimension nor two.

    Examples
    --------
    >>> diag([1, 2]).tolist(), diag([[1, 2], [3, 4]]).tolist()
    ([[1, 0], [0, 2]], [1, 4])
    """
    if ndim(x) == 2:
        return diagonal(x, k)
    values = ops.reshape(ops.pad(x, (0, abs(k))), (-1, 1) if k >= 0 else (1, -1))
    mask = ops.eye(shape_of(x)[0] + abs(k), k=k, dtype="bool")  # type: ignore[operator]  # known when it runs
    return _where(mask, values, ops.zeros((), dtype_of(x)))


@op(shape=lambda x, *options: _diagonal(x, *options)[:-1], dtype=accumulated)
def trace(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Sum of the diagonal of the matrices in two axes.

    Parameters
    ----------
    x : tensor_like
        Of at least two dimensions; booleans and integers of less than 32 bits are widened to 32.
    offset : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.
    axis1, axis2 : int
        Rows and columns of the matrices.

    Returns
    -------
    tensor
        Without those axes.

    Examples
    --------
    >>> int(trace([[1, 2], [3, 4]]))
    5
    """
    return ops.sum(diagonal(x, offset, axis1, axis2), axis=-1)


# -- grids --------------------------------------------------------------------------------------------------------------


@op()
def meshgrid(*x: TensorLike, indexing: str = "xy") -> list[Tensor]:
    """Grids of coordinates from the coordinates along each axis.

    Parameters
    ----------
    *x : tensor_like, shape (n_i,)
    indexing : {"xy", "ij"}
        Whether the first two axes of the grids are interchanged, as for images.

    Returns
    -------
    list of tensor, shape (n_2, n_1, n_3, ...) or (n_1, n_2, n_3, ...)

    Raises
    ------
    ValueError
        If `indexing` is not one of those.

    Examples
    --------
    >>> [grid.tolist() for grid in meshgrid([1, 2], [3, 4, 5])]
    [[[1, 2], [1, 2], [1, 2]], [[3, 3], [4, 4], [5, 5]]]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid(indexing={indexing!r}): expected 'xy' or 'ij'")
    rank = len(x)
    order = list(range(rank))
    if indexing == "xy" and rank > 1:
        order[:2] = 1, 0
    flat = [ops.ravel(item) for item in x]
    sizes = [shape_of(item)[0] for item in flat]
    shape = tuple(sizes[i] for i in order)
    return [
        ops.broadcast_to(ops.reshape(item, tuple(-1 if order[axis] == i else 1 for axis in range(rank))), shape)
        for i, item in enumerate(flat)
    ]
