"""Other shapes for the same elements: new, missing and moved axes, broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dl_ops.core.tensors import ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast_shapes, kept, product, standardize_axes, standardize_axis, standardize_shape
from dl_ops.typing import Axis, Shape, ShapeLike, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["broadcast_to", "expand_dims", "moveaxis", "ravel", "reshape", "squeeze", "swapaxes", "transpose"]


def target_shape(newshape: Any) -> tuple[Any, ...]:
    """`newshape` as a tuple, in which a single unknown size is -1; kernels of `reshape` get by with it.

    Raises
    ------
    ValueError
        If several sizes are unknown.
    """
    sizes = (newshape,) if isinstance(newshape, (int, np.integer)) else tuple(newshape)
    if None in sizes:
        sizes = tuple(-1 if size is None else size for size in sizes)
        if sizes.count(-1) > 1:
            raise ValueError(f"newshape={newshape}: at most one size may be -1 or None")
    return sizes


def _reshaped(x: KerasTensor, newshape: Any) -> Shape:
    given = (newshape,) if isinstance(newshape, (int, np.integer)) else newshape
    if isinstance(given, str) or any(isinstance(size, (str, float)) for size in given):
        raise ValueError(f"newshape={newshape!r}: expected integers")
    # sizes that are tensors are not known while a graph is built
    sizes = [int(size) if isinstance(size, (int, np.integer)) else None for size in given]
    if any(size is not None and size < -1 for size in sizes) or sizes.count(-1) > 1:
        raise ValueError(f"newshape={newshape}: expected sizes, of which at most one is -1")
    total = product(x.shape)
    known = product([size for size in sizes if size not in (None, -1)])
    unknown = [i for i, size in enumerate(sizes) if size in (None, -1)]
    if total is None:
        if x.shape.count(None) == 1 and len(unknown) == 1:
            rest = product([size for size in x.shape if size is not None])
            if rest and known and rest % known and known % rest:
                raise ValueError(f"x of shape {x.shape} cannot have shape {tuple(sizes)}")
        return tuple(None if size == -1 else size for size in sizes)
    fits = total == known if not unknown else (total % known == 0 if known else total == 0)
    if not fits:
        raise ValueError(f"x of shape {x.shape} has {total} elements and cannot have shape {tuple(sizes)}")
    if -1 in sizes and known == 0:
        raise ValueError(f"newshape={newshape}: beside a size of 0, what -1 stands for cannot be told")
    if len(unknown) == 1:
        sizes[unknown[0]] = total // known if known else 0
    return tuple(None if size == -1 else size for size in sizes)


@op(shape=_reshaped, dtype=kept)
def reshape(x: TensorLike, newshape: ShapeLike) -> Tensor:
    """The same elements in another shape.

    Parameters
    ----------
    x : tensor_like
    newshape : int or sequence of int
        One size may be -1 (or ``None``): whatever is left for it.

    Returns
    -------
    tensor, shape `newshape`

    Raises
    ------
    ValueError
        If the numbers of elements differ.

    Examples
    --------
    >>> reshape([1, 2, 3, 4], (2, -1)).tolist()
    [[1, 2], [3, 4]]
    """
    raise primitive()


def _transposed(x: KerasTensor, axes: Sequence[int] | None = None) -> Shape:
    rank = len(x.shape)
    order = tuple(reversed(range(rank))) if axes is None else standardize_axes(axes, rank, name="axes")
    if len(order) != rank:
        raise ValueError(f"axes={axes} must name each of the {rank} dimensions of x once")
    return tuple(x.shape[i] for i in order)


@op(shape=_transposed, dtype=kept)
def transpose(x: TensorLike, axes: Sequence[int] | None = None) -> Tensor:
    """Axes in another order.

    Parameters
    ----------
    x : tensor_like
    axes : sequence of int, optional
        Which axis of `x` each axis of the result is; by default in reverse.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If `axes` does not name each axis once.

    Examples
    --------
    >>> transpose([[1, 2], [3, 4]]).tolist()
    [[1, 3], [2, 4]]
    """
    raise primitive()


def _moved(rank: int, source: Axis, destination: Axis) -> tuple[int, ...]:
    """Order of axes for `transpose` that does what `moveaxis` says."""
    sources = standardize_axes(source, rank, name="source")
    destinations = standardize_axes(destination, rank, name="destination")
    if len(sources) != len(destinations):
        raise ValueError(f"source={source} and destination={destination} must name equally many axes")
    order = [i for i in range(rank) if i not in sources]
    for position, axis in sorted(zip(destinations, sources, strict=True)):
        order.insert(position, axis)
    return tuple(order)


@op(shape=lambda x, source, destination: _transposed(x, _moved(len(x.shape), source, destination)), dtype=kept)
def moveaxis(x: TensorLike, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Axes moved to other places; the rest keep their order.

    Parameters
    ----------
    x : tensor_like
    source, destination : int or sequence of int
        Where the axes are in `x`, and where in the result.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If an axis is out of range or named twice.

    Examples
    --------
    >>> tuple(moveaxis([[[1, 2, 3]]], -1, 0).shape)
    (3, 1, 1)
    """
    return transpose(x, _moved(ndim(x), source, destination))


def _swapped(rank: int, axis1: int, axis2: int) -> tuple[int, ...]:
    order = list(range(rank))
    i, j = standardize_axis(axis1, rank, name="axis1"), standardize_axis(axis2, rank, name="axis2")
    order[i], order[j] = j, i
    return tuple(order)


@op(shape=lambda x, axis1, axis2: _transposed(x, _swapped(len(x.shape), axis1, axis2)), dtype=kept)
def swapaxes(x: TensorLike, axis1: int, axis2: int) -> Tensor:
    """Two axes interchanged.

    Parameters
    ----------
    x : tensor_like
    axis1, axis2 : int

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If an axis is out of range.

    Examples
    --------
    >>> swapaxes([[1, 2], [3, 4]], 0, 1).tolist()
    [[1, 3], [2, 4]]
    """
    return transpose(x, _swapped(ndim(x), axis1, axis2))


def _squeezed(shape: Shape, axis: Axis = None) -> Shape:
    if axis is None:
        return tuple(size for size in shape if size != 1)
    axes = standardize_axes(axis, len(shape))
    for i in axes:
        if shape[i] != 1:
            raise ValueError(f"axis={axis}: only axes of size 1 can be left out, not from shape {shape}")
    return tuple(size for i, size in enumerate(shape) if i not in axes)


@op(shape=lambda x, axis=None: _squeezed(x.shape, axis), dtype=kept)
def squeeze(x: TensorLike, axis: Axis = None) -> Tensor:
    """Leave out axes of size 1.

    Parameters
    ----------
    x : tensor_like
    axis : int or sequence of int, optional
        Axes to leave out; by default all of size 1.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If the size of one of them is not 1.

    Examples
    --------
    >>> squeeze([[[1, 2]]]).tolist(), squeeze([[[1, 2]]], axis=0).tolist()
    ([1, 2], [[1, 2]])
    """
    return reshape(x, _squeezed(shape_of(x), axis))


def _expanded(shape: Shape, axis: Axis) -> Shape:
    if axis is None:
        raise ValueError("axis=None: expected an integer or a sequence of them")
    rank = len(shape) + (1 if isinstance(axis, int) else len(axis))
    axes = standardize_axes(axis, rank)
    sizes = iter(shape)
    return tuple(1 if i in axes else next(sizes) for i in range(rank))


@op(shape=lambda x, axis: _expanded(x.shape, axis), dtype=kept)
def expand_dims(x: TensorLike, axis: int | Sequence[int]) -> Tensor:
    """Insert axes of size 1.

    Parameters
    ----------
    x : tensor_like
    axis : int or sequence of int
        Their positions in the result.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If a position is out of range.

    Examples
    --------
    >>> expand_dims([1, 2], 0).tolist(), expand_dims([1, 2], -1).tolist()
    ([[1, 2]], [[1], [2]])
    """
    return reshape(x, _expanded(shape_of(x), axis))


@op(shape=lambda x: (product(x.shape),), dtype=kept)
def ravel(x: TensorLike) -> Tensor:
    """All elements in one dimension, the last axis running fastest.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (size,)

    Examples
    --------
    >>> ravel([[1, 2], [3, 4]]).tolist()
    [1, 2, 3, 4]
    """
    return reshape(x, (-1,))


def _broadcast_to(x: KerasTensor, shape: ShapeLike) -> Shape:
    target = standardize_shape(shape)
    if len(x.shape) > len(target) or broadcast_shapes(x.shape, target) != target:
        raise ValueError(f"x of shape {x.shape} does not broadcast to shape {target}")
    return target


@op(shape=_broadcast_to, dtype=kept)
def broadcast_to(x: TensorLike, shape: ShapeLike) -> Tensor:
    """Repeat a tensor along axes of size 1, and new leading ones, up to a shape.

    Parameters
    ----------
    x : tensor_like
    shape : int or sequence of int

    Returns
    -------
    tensor, shape `shape`

    Raises
    ------
    ValueError
        If `x` does not broadcast to `shape`.

    Examples
    --------
    >>> broadcast_to([1, 2], (2, 2)).tolist()
    [[1, 2], [1, 2]]
    """
    raise primitive()
