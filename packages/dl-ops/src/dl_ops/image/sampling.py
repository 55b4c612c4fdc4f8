"""Values of a tensor between its elements."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, cast

from dl_ops import ops
from dl_ops.dtypes import standardize_dtype
from dl_ops.image.layout import compute_dtype, extent, to_dtype
from dl_ops.op import op
from dl_ops.rules import kept
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["map_coordinates"]


def _wrapped(index: Any, size: Any) -> Any:
    return ops.mod(index, size)


def _mirrored(index: Any, size: Any) -> Any:
    period = ops.maximum(ops.cast(2 * size - 2, index.dtype), 1)
    folded = ops.mod(index, period)
    return ops.minimum(folded, ops.subtract(period, folded))


def _reflected(index: Any, size: Any) -> Any:
    folded = ops.mod(index, 2 * size)
    return ops.minimum(folded, ops.subtract(2 * size - 1, folded))


# where an index outside lies inside
_FOLDS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "constant": lambda index, size: index,
    "nearest": lambda index, size: index,
    "wrap": _wrapped,
    "mirror": _mirrored,
    "reflect": _reflected,
}
FILL_MODES: Final = tuple(_FOLDS)

# beyond, float32 does not hold every integer
_FAR: Final = 2.0**23


def check_fill_mode(fill_mode: str) -> None:
    """Raise a ``ValueError`` if there is no such mode."""
    if fill_mode not in FILL_MODES:
        raise ValueError(f"fill_mode={fill_mode!r}: expected one of {', '.join(map(repr, FILL_MODES))}")


class _Neighbour(NamedTuple):
    """An element, along one axis, beside each point."""

    index: Any
    weight: Any
    """Share in the points' values; ``None`` is 1."""


def _neighbours(coordinate: Any, size: Any, order: int, fill_mode: str) -> list[_Neighbour]:
    # what is not a number is outside
    c = ops.where(ops.isnan(coordinate), -1.0, coordinate)
    if fill_mode == "constant":
        c = ops.clip(c, -1, size)
    elif fill_mode == "nearest":
        c = ops.clip(c, 0, size - 1)
    else:
        c = ops.clip(c, -_FAR, _FAR)
    if order == 0:
        # halves away from zero
        nearest = ops.where(ops.less(c, 0), ops.ceil(ops.subtract(c, 0.5)), ops.floor(ops.add(c, 0.5)))
        corners: list[tuple[Any, Any]] = [(nearest, None)]
    else:
        lower = ops.floor(c)
        fraction = ops.subtract(c, lower)
        corners = [(lower, ops.subtract(1, fraction)), (ops.add(lower, 1), fraction)]
    return [_neighbour(index, weight, size, fill_mode) for index, weight in corners]


def _neighbour(index: Any, weight: Any, size: Any, fill_mode: str) -> _Neighbour:
    if fill_mode == "constant":
        inside = ops.logical_and(ops.greater_equal(index, 0), ops.less(index, size))
        inside = ops.cast(inside, index.dtype)
        weight = inside if weight is None else ops.multiply(weight, inside)
    index = ops.clip(_FOLDS[fill_mode](index, size), 0, size - 1)
    return _Neighbour(ops.cast(index, "int32"), weight)


def _beside(x: Any, count: int) -> Any:
    """`x` with axes of size 1 added at the end."""
    return ops.expand_dims(x, tuple(range(-count, 0))) if count else x


def sample(
    values: Any,
    coordinates: Sequence[Any],
    sizes: Sequence[Any],
    *,
    order: int,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    axis: int = 0,
    grid: Any = None,
) -> Any:
    """Values of grids of numbers at points between their elements.

    Parameters
    ----------
    values : tensor
        The grids flattened: along `axis`, a grid, or one after the other.
    coordinates : sequence of tensor, shape (...)
        Of the points, along each axis of the grids, in the dtype to compute in. They may broadcast with each other.
    sizes : sequence of int or tensor
        Of the grids.
    order : {0, 1}
        Take the nearest element, or interpolate linearly.
    fill_mode, fill_value
        As for `map_coordinates`.
    axis : int
    grid : tensor of int32, optional
        Which grid each point is in.

    Returns
    -------
    tensor
        Of the shape of `values` with that of the points in place of the axis, and the dtype of `values`.
    """
    dtype, compute = standardize_dtype(values.dtype), standardize_dtype(coordinates[0].dtype)
    channels = len(values.shape) - axis - 1
    total: Any = None
    covered: Any = 0
    neighbours = [_neighbours(c, size, order, fill_mode) for c, size in zip(coordinates, sizes, strict=True)]
    for corner in itertools.product(*neighbours):
        place: Any = grid
        weight: Any = None
        for (index, share), size in zip(corner, sizes, strict=True):
            place = index if place is None else ops.add(ops.multiply(place, ops.cast(size, "int32")), index)
            if share is not None:
                weight = share if weight is None else ops.multiply(weight, share)
        value = ops.take(values, place, axis=axis)
        if order == 0 and weight is None:
            return value
        if order == 0:
            fill = to_dtype(ops.cast(fill_value, compute), dtype)
            return ops.where(_beside(ops.greater(weight, 0), channels), value, fill)
        part = ops.multiply(ops.cast(value, compute), _beside(weight, channels))
        total = part if total is None else ops.add(total, part)
        covered = ops.add(covered, weight)
    if fill_mode == "constant" and fill_value:
        total = ops.add(total, _beside(ops.multiply(ops.subtract(1, covered), fill_value), channels))
    return to_dtype(total, dtype)


def _mapped(inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: float = 0) -> Shape:
    shape = tuple(coordinates.shape)
    if len(shape) < 2:
        raise ValueError(f"coordinates have shape {shape}: expected at least 2 dimensions")
    if not inputs.shape or shape[0] not in (len(inputs.shape), None):
        raise ValueError(
            f"coordinates have shape {shape}: expected the first size to be the number of dimensions of inputs, "
            f"which have shape {tuple(inputs.shape)}"
        )
    if order not in (0, 1):
        raise ValueError(f"order={order!r}: expected 0 or 1")
    check_fill_mode(fill_mode)
    return shape[1:]


@op(shape=_mapped, dtype=kept)
def map_coordinates(
    inputs: TensorLike, coordinates: TensorLike, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Tensor:
    """Values of a tensor at points between its elements.

    Parameters
    ----------
    inputs : tensor_like, shape (n_1, ..., n_k)
        Not empty.
    coordinates : tensor_like, shape (k, ...)
        Of the points, in elements: 0 is the first one along an axis. Real.
    order : {0, 1}
        0 takes the nearest element, halves rounded away from zero; 1 interpolates linearly between the ``2 ** k``
        around the point.
    fill_mode : {"constant", "nearest", "wrap", "mirror", "reflect"}
        What elements outside are: `fill_value`, the outermost one, those of the other end, or the elements mirrored at
        the outermost one or at the edge.
    fill_value : float, default 0

    Returns
    -------
    tensor, shape (...)
        Of the dtype of `inputs`; integers are rounded, and limited to the dtype's range.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or an option is none of the above.

    Examples
    --------
    >>> map_coordinates([1.0, 2.0, 4.0], [[0.5, 1.5, 2.5]], 1).tolist()
    [1.5, 3.0, 2.0]
    >>> map_coordinates([1.0, 2.0, 4.0], [[0.4, 3.0, 4.0]], 0, fill_mode="reflect").tolist()
    [1.0, 4.0, 2.0]
    """
    _mapped(inputs, coordinates, order, fill_mode, fill_value)
    x, points = cast(Tensor, inputs), ops.cast(coordinates, compute_dtype(inputs, coordinates))
    return cast(
        Tensor,
        sample(
            ops.reshape(x, (-1,)),
            [points[i] for i in range(len(x.shape))],
            [extent(x, i, str(standardize_dtype(points.dtype))) for i in range(len(x.shape))],
            order=order,
            fill_mode=fill_mode,
            fill_value=fill_value,
        ),
    )
