"""Elements repeated, reversed, rotated and padded along axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size, ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op
from dl_ops.rules import kept, product, same_along, standardize_axes, standardize_axis
from dl_ops.typing import Axis, Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["flip", "fliplr", "flipud", "pad", "repeat", "roll", "rot90", "tile"]


def _tiling(shape: Shape, repeats: int | Sequence[int]) -> tuple[Shape, tuple[int, ...]]:
    """Shape and repeats, both with leading ones up to the same length."""
    if isinstance(repeats, (str, float)):
        raise TypeError(f"repeats={repeats!r}: expected integers")
    counts = (repeats,) if isinstance(repeats, int) else tuple(int(count) for count in repeats)
    if any(count < 0 for count in counts):
        raise ValueError(f"repeats={repeats}: expected integers that are not negative")
    rank = len(shape) if len(shape) > len(counts) else len(counts)
    return (1,) * (rank - len(shape)) + shape, (1,) * (rank - len(counts)) + counts


def _tiled(x: KerasTensor, repeats: int | Sequence[int]) -> Shape:
    return _tiled_shape(*_tiling(x.shape, repeats))


def _tiled_shape(sizes: Shape, counts: tuple[int, ...]) -> Shape:
    return tuple(None if size is None else size * count for size, count in zip(sizes, counts, strict=True))


@op(shape=_tiled, dtype=kept)
def tile(x: TensorLike, repeats: int | Sequence[int]) -> Tensor:
    """Repeat a tensor as a whole along its axes.

    Parameters
    ----------
    x : tensor_like
    repeats : int or sequence of int
        How often along each of the last axes; of `x` or `repeats`, the one with fewer axes gets leading ones.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If one of `repeats` is negative.

    Examples
    --------
    >>> tile([1, 2], 2).tolist(), tile([1, 2], (2, 1)).tolist()
    ([1, 2, 1, 2], [[1, 2], [1, 2]])
    """
    sizes, counts = _tiling(shape_of(x), repeats)
    apart = ops.reshape(x, tuple(n for size in sizes for n in (1, size)))
    copies = ops.broadcast_to(apart, tuple(n for pair in zip(counts, sizes, strict=True) for n in pair))
    return ops.reshape(copies, _tiled_shape(sizes, counts))


def _repeated(x: KerasTensor, repeats: Any, axis: int | None = None) -> Shape:
    shape = (product(x.shape),) if axis is None else x.shape
    along = standardize_axis(0 if axis is None else axis, len(shape))
    counts, size = np.asarray(repeats), shape[along]
    if counts.dtype.kind not in "iu" or counts.ndim > 1 or (counts < 0).any():
        raise ValueError(f"repeats={repeats}: expected an integer, or one for each element, that are not negative")
    if counts.ndim == 1 and len(counts) != 1:
        if size not in (None, len(counts)):
            raise ValueError(f"repeats={repeats}: expected one number for each of the {size} elements")
        total: int | None = int(counts.sum())
    else:
        total = None if size is None else size * int(counts.reshape(()))
    return (*shape[:along], total, *shape[along + 1 :])


@op(shape=_repeated, dtype=kept)
def repeat(x: TensorLike, repeats: int | Sequence[int], axis: int | None = None) -> Tensor:
    """Repeat each element along an axis.

    Parameters
    ----------
    x : tensor_like
    repeats : int or sequence of int
        How often; one number for all, or one for each element along the axis.
    axis : int, optional
        By default `x` is flattened.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If `repeats` has the wrong length or negative numbers.

    Examples
    --------
    >>> repeat([1, 2], 2).tolist(), repeat([1, 2], [1, 3]).tolist()
    ([1, 1, 2, 2], [1, 2, 2, 2])
    """
    if axis is None:
        x, axis = ops.ravel(x), 0
    axis = standardize_axis(axis, ndim(x))
    sizes = shape_of(x)
    counts = np.asarray(repeats)
    if counts.dtype.kind not in "iu" or (counts.size != 1 and sizes[axis] not in (None, counts.size)):
        raise ValueError(f"repeats={repeats}: expected integers, one for each element")
    if counts.size != 1:
        return ops.take(x, np.repeat(np.arange(len(counts), dtype="int32"), counts), axis)
    count = int(counts.reshape(()))
    apart = ops.expand_dims(x, axis + 1)
    copies = ops.broadcast_to(apart, (*sizes[: axis + 1], count, *sizes[axis + 1 :]))
    return ops.reshape(copies, (*sizes[:axis], known_size(x, axis) * count, *sizes[axis + 1 :]))


@op(shape=same_along, dtype=kept)
def flip(x: TensorLike, axis: Axis = None) -> Tensor:
    """Reverse the order of elements along axes.

    Parameters
    ----------
    x : tensor_like
    axis : int or sequence of int, optional
        By default all of them.

    Returns
    -------
    tensor, of the shape of `x`

    Examples
    --------
    >>> flip([[1, 2], [3, 4]], axis=1).tolist()
    [[2, 1], [4, 3]]
    """
    axes = standardize_axes(axis, ndim(x))
    return ops.get_item(x, tuple(slice(None, None, -1 if i in axes else None) for i in range(ndim(x))))


@op(shape=lambda x: same_along(x, 1), dtype=kept)
def fliplr(x: TensorLike) -> Tensor:
    """Reverse the order of elements along the second axis: left and right of a matrix.

    Parameters
    ----------
    x : tensor_like
        Of at least two dimensions.

    Returns
    -------
    tensor, of the shape of `x`

    Raises
    ------
    ValueError
        If `x` has fewer dimensions.

    Examples
    --------
    >>> fliplr([[1, 2], [3, 4]]).tolist()
    [[2, 1], [4, 3]]
    """
    return flip(x, 1)


@op(shape=lambda x: same_along(x, 0), dtype=kept)
def flipud(x: TensorLike) -> Tensor:
    """Reverse the order of elements along the first axis: up and down in a matrix.

    Parameters
    ----------
    x : tensor_like
        Of at least one dimension.

    Returns
    -------
    tensor, of the shape of `x`

    Raises
    ------
    ValueError
        If `x` is a single number.

    Examples
    --------
    >>> flipud([[1, 2], [3, 4]]).tolist()
    [[3, 4], [1, 2]]
    """
    return flip(x, 0)


def _rolls(rank: int, shift: int | Sequence[int], axis: Axis) -> list[tuple[int, int]]:
    """Pairs of axis and shift."""
    if axis is None or isinstance(axis, int):
        axis = (0 if axis is None else axis,)
    axis = [standardize_axis(a, rank) for a in axis]
    shifts = (shift,) * len(axis) if isinstance(shift, int) else tuple(shift)
    axes = (*axis,) * len(shifts) if len(axis) == 1 else tuple(axis)
    if len(shifts) != len(axes):
        raise ValueError(f"shift={shift} and axis={axis} must have the same length")
    return [(a, int(s)) for a, s in zip(axes, shifts, strict=True)]


def _rolled(x: KerasTensor, shift: int | Sequence[int], axis: Axis = None) -> Shape:
    _rolls(1 if axis is None else len(x.shape), shift, axis)
    return x.shape


@op(shape=_rolled, dtype=kept)
def roll(x: TensorLike, shift: int | Sequence[int], axis: Axis = None) -> Tensor:
    """Shift elements along axes; what leaves at one end comes back at the other.

    Parameters
    ----------
    x : tensor_like
    shift : int or sequence of int
        By how many places, for each axis.
    axis : int or sequence of int, optional
        By default `x` is shifted as if it were flat.

    Returns
    -------
    tensor, of the shape of `x`

    Raises
    ------
    ValueError
        If `shift` and `axis` differ in length, or an axis is out of range.

    Examples
    --------
    >>> roll([1, 2, 3, 4], 1).tolist()
    [4, 1, 2, 3]
    """
    y = ops.ravel(x) if axis is None else x
    for along, places in _rolls(ndim(y), shift, axis):
        size = known_size(y, along)
        if size:
            before = (slice(None),) * along
            cut = -places % size
            parts = [ops.get_item(y, (*before, part)) for part in (slice(cut, None), slice(None, cut))]
            y = ops.concatenate(parts, axis=along)
    return ops.reshape(y, shape_of(x))


_Mode: TypeAlias = Literal["constant", "edge", "reflect", "symmetric", "wrap"]
_MODES: Final[dict[str, _Mode]] = {mode: mode for mode in get_args(_Mode)}


def pad_widths(pad_width: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """Widths before and after each axis from what `pad` takes.

    Raises
    ------
    ValueError
        If they do not fit a tensor of that rank or are negative.

    Examples
    --------
    >>> pad_widths(1, 2), pad_widths((1, 2), 1), pad_widths(((1, 2), (3, 4)), 2)
    (((1, 1), (1, 1)), ((1, 2),), ((1, 2), (3, 4)))
    """
    if rank == 0 and np.size(pad_width) == 0:
        return ()
    try:
        widths = np.broadcast_to(np.asarray(pad_width), (rank, 2))
    except ValueError:
        widths = np.empty(0)
    if widths.dtype.kind not in "iu" or (widths < 0).any():
        raise ValueError(
            f"pad_width={pad_width}: expected numbers that are not negative: "
            f"one, a pair, or a pair for each of {rank} dimensions"
        )
    return tuple((int(before), int(after)) for before, after in widths)


def _padded(x: KerasTensor, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Shape:
    if mode not in _MODES:
        raise ValueError(f"mode={mode!r}: expected one of {', '.join(map(repr, _MODES))}")
    if mode != "constant" and constant_values is not None:
        raise ValueError(f"constant_values={constant_values} has no meaning with mode={mode!r}")
    widths = pad_widths(pad_width, len(x.shape))
    for size, pair in zip(x.shape, widths, strict=True):
        if mode != "constant" and size == 0 and pair != (0, 0):
            raise ValueError(f"mode={mode!r} cannot pad an empty dimension of shape {x.shape}")
    return tuple(
        None if size is None else before + size + after for size, (before, after) in zip(x.shape, widths, strict=True)
    )


@op(shape=_padded, dtype=kept)
def pad(
    x: TensorLike, pad_width: int | Sequence[Any], mode: str = "constant", constant_values: float | None = None
) -> Tensor:
    """Add elements before and after those of `x` along its axes.

    Parameters
    ----------
    x : tensor_like
    pad_width : int, pair of int, or sequence of pairs
        How many before and after: for all axes alike, or for each.
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}
        What is added: a constant, the outermost element, the elements mirrored at the outermost one, at the edge, or
        those of the other end.
    constant_values : float, default 0
        The constant.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If `pad_width` does not fit, `mode` is not one of those, or `constant_values` is given with another mode than
        "constant".

    Examples
    --------
    >>> pad([1, 2, 3], (1, 2)).tolist()
    [0, 1, 2, 3, 0, 0]
    >>> pad([1, 2, 3], 2, mode="reflect").tolist()
    [3, 2, 1, 2, 3, 2, 1]
    """
    if mode != "constant" and constant_values is not None:
        raise ValueError(f"constant_values={constant_values} has no meaning with mode={mode!r}")
    y = x
    for axis, (before, after) in enumerate(pad_widths(pad_width, ndim(x))):
        if before == after == 0:
            continue
        sizes = shape_of(y)
        if mode == "constant":
            value = 0 if constant_values is None else constant_values
            ends = [
                ops.full((*sizes[:axis], width, *sizes[axis + 1 :]), value, dtype_of(x)) for width in (before, after)
            ]
            y = ops.concatenate([ends[0], y, ends[1]], axis=axis)
        else:
            # all of these modes repeat elements, so that which ones is seen from padding their indices
            places = np.arange(known_size(y, axis), dtype="int32")
            indices = np.pad(places, (before, after), mode=_MODES[mode])
            y = ops.take(y, indices, axis)
    return y  # type: ignore[return-value]  # dispatch has made it a tensor


def _rotated(array: KerasTensor, k: int = 1, axes: Sequence[int] = (0, 1)) -> Shape:
    planes = standardize_axes(axes, len(array.shape), name="axes")
    if len(planes) != 2:
        raise ValueError(f"axes={axes}: expected two axes")
    i, j = planes
    shape = list(array.shape)
    if k % 2:
        shape[i], shape[j] = shape[j], shape[i]
    return tuple(shape)


@op(shape=_rotated, dtype=kept)
def rot90(array: TensorLike, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """Rotate by 90 degrees in a plane.

    Parameters
    ----------
    array : tensor_like
        Of at least two dimensions.
    k : int, default 1
        How often.
    axes : pair of int, default (0, 1)
        The plane; rotation is from the first towards the second.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If `axes` are not two different axes of `array`.

    Examples
    --------
    >>> rot90([[1, 2], [3, 4]]).tolist()
    [[2, 4], [1, 3]]
    """
    first, second = axes
    if first == second:
        raise ValueError(f"axes={axes}: expected two different ones")
    if k % 4 == 0:
        return array  # type: ignore[return-value]  # dispatch has made it a tensor
    if k % 4 == 2:
        return flip(array, (first, second))
    if k % 4 == 1:
        return ops.swapaxes(flip(array, second), first, second)
    return flip(ops.swapaxes(array, first, second), second)
