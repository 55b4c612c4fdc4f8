"""Rules of ops that pick, place, order or split elements."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_backend_numpy.tape.functions import adjoint, fn
from dl_backend_numpy.tape.kinds import Rules
from dl_backend_numpy.tape.traced import strip
from dl_ops.rules import standardize_axis
from dl_ops.typing import Array


@adjoint
def place(g: Array, shape: tuple[int, ...], key: Any) -> Array:
    """Zeros of `shape`, with `g` added at `key`: what indexing with `key` is the adjoint of."""
    total = np.zeros(shape, g.dtype)
    if _is_basic(key):
        total[key] = g
    else:
        np.add.at(total, key, g)
    return total


def _is_basic(key: Any) -> bool:
    """Whether no element can be picked twice."""
    return all(
        part is None or part is Ellipsis or isinstance(part, (int, slice, np.integer))
        for part in (key if isinstance(key, tuple) else (key,))
    )


@adjoint
def place_along_axis(g: Array, indices: Array, axis: int, shape: tuple[int, ...]) -> Array:
    """Zeros of `shape`, with `g` added where ``take_along_axis(·, indices, axis)`` takes from."""
    total = np.zeros(shape, g.dtype)
    grid = [np.arange(size).reshape([-1 if j == i else 1 for j in range(g.ndim)]) for i, size in enumerate(g.shape)]
    full = list(grid)
    full[axis] = indices
    np.add.at(total, tuple(full), g)
    return total


@adjoint
def place_taken(g: Array, indices: Array, axis: int, size: int) -> Array:
    """Adjoint of ``take(x, indices, axis)`` for `x` with `size` elements along the axis."""
    indices = np.asarray(indices)
    g = g.reshape(*g.shape[:axis], indices.size, *g.shape[axis + indices.ndim :])
    flat = indices.reshape(-1)
    return np.asarray(fn.add_along(g, np.where(flat < 0, flat + size, flat), axis, size))


def _get_item(g: Any, y: Any, x: Any, key: Any) -> Any:
    return fn.place(g, tuple(x.shape), _bare(key))


def _bare(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(_bare(part) for part in key)
    key = strip(key)
    return np.asarray(key) if isinstance(key, list) else key


def _take(g: Any, y: Any, x: Any, indices: Any, axis: int | None = None, *options: Any) -> Any:
    if axis is None:
        return fn.reshape(fn.place_taken(g, indices, 0, x.size), x.shape)
    axis = standardize_axis(axis, x.ndim)
    return fn.place_taken(g, indices, axis, x.shape[axis])


def _take_along_axis(g: Any, y: Any, x: Any, indices: Any, axis: int | None = -1) -> Any:
    indices = strip(indices)
    if axis is None:
        return fn.reshape(fn.place_along_axis(fn.reshape(g, (-1,)), indices.reshape(-1), 0, (x.size,)), x.shape)
    axis = standardize_axis(axis, x.ndim)
    # the other axes broadcast
    shape = tuple(n if i != axis else m for i, (n, m) in enumerate(zip(x.shape, indices.shape, strict=True)))
    return fn.place_along_axis(
        g, np.broadcast_to(indices, np.broadcast_shapes(shape, indices.shape)), axis, tuple(x.shape)
    )


def _sort(g: Any, y: Any, x: Any, axis: int | None = -1) -> Any:
    if axis is None:
        return fn.reshape(_sort(g, y, fn.reshape(x, (-1,)), -1), x.shape)
    back = np.argsort(np.argsort(strip(x), axis=axis, kind="stable"), axis=axis)
    return fn.take_along_axis(g, back, axis)


def _top_k(g: Any, y: Any, x: Any, *options: Any, **more: Any) -> Any:
    return fn.place_along_axis(g[0], strip(y[1]), x.ndim - 1, tuple(x.shape))


def _scatter_update_inputs(g: Any, y: Any, x: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    if reduction == "add":
        return g
    key = _points(indices)
    if reduction is None:
        return g * _mask(x, key)
    if reduction == "mul":
        return g * fn.scatter_update(fn.ones_like(x), indices, updates, "mul")
    return g * _share(x, y, indices, updates)[0]


def _scatter_update_updates(g: Any, y: Any, x: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    key = _points(indices)
    if reduction == "add":
        return g[key]
    if reduction is None:
        # of updates for the same place the last one stays
        last = np.zeros(x.shape, np.int64)
        places = key[0].shape
        number = np.arange(1, key[0].size + 1).reshape(*places, *[1] * (updates.ndim - len(places)))
        last[key] = number
        return g[key] * (last[key] == number)
    if reduction == "mul":
        return g[key] * y[key] / updates
    return g[key] * _share(x, y, indices, updates)[1]


def _points(indices: Any) -> tuple[Array, ...]:
    """Rows of coordinates as an indexing key."""
    indices = np.asarray(strip(indices))
    return tuple(np.moveaxis(indices, -1, 0))


def _mask(x: Any, key: Any) -> Array:
    mask = np.ones(x.shape, x.dtype)
    mask[key] = 0
    return mask


def _share(x: Any, y: Any, indices: Any, updates: Any) -> tuple[Array, Array]:
    """Shares in the extremum `y` of what was there and of the updates, equal where they tie."""
    key = _points(indices)
    x, y, updates = strip(x), strip(y), strip(updates)
    kept = x == y
    given = updates == y[key]
    number = kept.astype(x.dtype)
    np.add.at(number, key, given.astype(x.dtype))
    number = np.maximum(number, 1)
    return kept / number, given / number[key]


def _corner(start_indices: Any, sizes: Any) -> tuple[slice, ...]:
    starts = [int(i) for i in np.asarray(strip(start_indices)).reshape(-1)]
    return tuple(slice(start, start + int(size)) for start, size in zip(starts, sizes, strict=True))


def _slice(g: Any, y: Any, x: Any, start_indices: Any, shape: Any) -> Any:
    return fn.place(g, tuple(x.shape), _corner(start_indices, y.shape))


def _slice_update_inputs(g: Any, y: Any, x: Any, start_indices: Any, updates: Any) -> Any:
    return g * _mask(x, _corner(start_indices, updates.shape))


def _slice_update_updates(g: Any, y: Any, x: Any, start_indices: Any, updates: Any) -> Any:
    return g[_corner(start_indices, updates.shape)]


def _segment_sum(g: Any, y: Any, data: Any, segment_ids: Any, *options: Any) -> Any:
    return fn.take(g, segment_ids, 0)


def _diagonal(g: Any, y: Any, x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    positions = np.arange(x.size).reshape(x.shape)
    key = np.unravel_index(np.diagonal(positions, offset, axis1, axis2), x.shape)
    return fn.place(g, tuple(x.shape), key)


def _split(g: Any, y: Any, x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    return fn.concatenate(list(g), axis)


def _unstack(g: Any, y: Any, x: Any, num: int | None = None, axis: int = 0) -> Any:
    return fn.stack(list(g), axis)


RULES: Final[dict[str, Rules]] = {
    "get_item": (_get_item,),
    "take": (_take, None),
    "take_along_axis": (_take_along_axis, None),
    "diagonal": (_diagonal,),
    "sort": (_sort,),
    "top_k": (_top_k,),
    "split": (_split,),
    "array_split": (_split,),
    "unstack": (_unstack,),
    "scatter_update": (_scatter_update_inputs, None, _scatter_update_updates),
    "slice": (_slice, None),
    "slice_update": (_slice_update_inputs, None, _slice_update_updates),
    "segment_sum": (_segment_sum, None),
    "place": (lambda G, y, g, shape, key: G[key],),
    "place_along_axis": (lambda G, y, g, indices, axis, shape: fn.take_along_axis(G, indices, axis), None),
    "place_taken": (lambda G, y, g, indices, axis, size: fn.take(G, indices, axis), None),
}

LINEAR: Final = frozenset(
    {
        "array_split",
        "diagonal",
        "get_item",
        "place",
        "place_along_axis",
        "place_taken",
        "segment_sum",
        "slice",
        "split",
        "take",
        "take_along_axis",
        "unstack",
    }
)
