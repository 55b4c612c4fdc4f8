"""Rules of ops that rearrange elements."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_backend_numpy.tape.functions import adjoint, fn
from dl_backend_numpy.tape.kinds import Rules
from dl_ops.rules import standardize_axis
from dl_ops.typing import Array, Axis


def _reshaped(g: Any, y: Any, x: Any, *options: Any, **more: Any) -> Any:
    return fn.reshape(g, x.shape)


def _transpose(g: Any, y: Any, x: Any, axes: Any = None) -> Any:
    if axes is None:
        return fn.transpose(g)
    return fn.transpose(g, tuple(int(i) for i in np.argsort([axis % x.ndim for axis in axes])))


def _repeat(g: Any, y: Any, x: Any, repeats: Any, axis: int | None = None) -> Any:
    if axis is None:
        return fn.reshape(_repeat(g, y, fn.reshape(x, (-1,)), repeats, 0), x.shape)
    axis = standardize_axis(axis, x.ndim)
    source = np.repeat(np.arange(x.shape[axis]), np.asarray(repeats), 0)
    return fn.add_along(g, source, axis, x.shape[axis])


def _tile(g: Any, y: Any, x: Any, repeats: Any) -> Any:
    repeats = (repeats,) if isinstance(repeats, int) else tuple(repeats)
    rank = max(len(repeats), x.ndim)
    repeats = (1,) * (rank - len(repeats)) + repeats
    shape = (1,) * (rank - x.ndim) + tuple(x.shape)
    pairs = tuple(size for pair in zip(repeats, shape, strict=True) for size in pair)
    return fn.reshape(fn.sum(fn.reshape(g, pairs), tuple(range(0, 2 * rank, 2))), x.shape)


def _roll(g: Any, y: Any, x: Any, shift: Any, axis: Axis = None) -> Any:
    return fn.roll(g, -shift if isinstance(shift, int) else tuple(-s for s in shift), axis)


def _pad(g: Any, y: Any, x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    widths = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2))
    if mode == "constant":
        return g[tuple(slice(int(low), int(low) + size) for (low, _), size in zip(widths, x.shape, strict=True))]
    for axis, (width, size) in enumerate(zip(widths, x.shape, strict=True)):
        g = fn.add_along(g, np.pad(np.arange(size), width, mode), axis, size)  # type: ignore[call-overload]  # mode
    return g


def _pad_value(g: Any, y: Any, x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    return fn.sum(g) - fn.sum(_pad(g, y, x, pad_width))


@adjoint
def add_along(g: Array, source: Array, axis: int, size: int) -> Array:
    """Sum the slices of `g` along an axis into `size` of them; slice `i` goes to ``source[i]``."""
    moved = np.moveaxis(g, axis, 0)
    total = np.zeros((size, *moved.shape[1:]), g.dtype)
    if len(source):
        # sorted, the slices that meet are neighbours: much faster than np.add.at
        order = np.argsort(source, kind="stable")
        targets = source[order]
        starts = np.flatnonzero(np.r_[True, targets[1:] != targets[:-1]])
        if len(starts) == len(source):
            total[source] = moved
        else:
            total[targets[starts]] = np.add.reduceat(moved[order], starts, axis=0, dtype=g.dtype)
    return np.moveaxis(total, 0, axis)


def _permuted(function: str) -> Rules:
    """Rule of an op that is its own inverse with the same options."""
    return (lambda g, y, x, *options: getattr(fn, function)(g, *options),)


RULES: Final[dict[str, Rules]] = {
    "reshape": (_reshaped,),
    "ravel": (_reshaped,),
    "squeeze": (_reshaped,),
    "expand_dims": (_reshaped,),
    "transpose": (_transpose,),
    "swapaxes": _permuted("swapaxes"),
    "moveaxis": (lambda g, y, x, source, destination: fn.moveaxis(g, destination, source),),
    "flip": _permuted("flip"),
    "roll": (_roll,),
    "rot90": (lambda g, y, x, k=1, axes=(0, 1): fn.rot90(g, -k, axes),),
    "broadcast_to": (lambda g, y, x, shape: g,),
    "full": (None, lambda g, y, shape, value, *options: g),
    "repeat": (_repeat,),
    "tile": (_tile,),
    "pad": (_pad, None, None, _pad_value),
    "triu": _permuted("triu"),
    "tril": _permuted("tril"),
    "add_along": (lambda G, y, g, source, axis, size: fn.take(G, source, axis),),
}

LINEAR: Final = frozenset(
    {
        "add_along",
        "broadcast_to",
        "expand_dims",
        "flip",
        "moveaxis",
        "ravel",
        "repeat",
        "reshape",
        "roll",
        "rot90",
        "squeeze",
        "swapaxes",
        "tile",
        "transpose",
        "tril",
        "triu",
    }
)
