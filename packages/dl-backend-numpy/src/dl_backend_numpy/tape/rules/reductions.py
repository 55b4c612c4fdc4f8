"""Rules of reductions and scans along axes."""

from __future__ import annotations

from math import prod
from typing import Any, Final

import numpy as np

from dl_backend_numpy.tape.functions import fn
from dl_backend_numpy.tape.kinds import Rules
from dl_backend_numpy.tape.traced import Traced, strip
from dl_ops.rules import standardize_axes, standardize_axis
from dl_ops.typing import Axis


def restore_axes(g: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """`g` with the axes of `x` that were reduced, at size 1."""
    if keepdims or g.ndim == x.ndim:
        return g
    axes = standardize_axes(axis, x.ndim)
    return fn.reshape(g, tuple(1 if i in axes else size for i, size in enumerate(x.shape)))


def spread_over(g: Any, shape: tuple[int, ...]) -> Any:
    """`g` repeated so that it has a shape."""
    if g.size == 1 and type(g) is not Traced:
        # as broadcast_to, without its checks: most losses end here
        return np.ndarray(shape, g.dtype, np.asarray(g), 0, (0,) * len(shape))
    return fn.broadcast_to(g, shape)


def _spread(g: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """`g` repeated along the axes of `x` that were reduced."""
    return spread_over(g if g.size == 1 else restore_axes(g, x, axis, keepdims), x.shape)


def _count(x: Any, axis: Axis) -> int:
    return x.size if axis is None else prod(x.shape[i] for i in standardize_axes(axis, x.ndim))


def _sum(g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return _spread(g, x, axis, keepdims)


def _mean(g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return _spread(g / _count(x, axis), x, axis, keepdims)


def _var(g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    scale = restore_axes(g, x, axis, keepdims) * (2 / _count(x, axis))
    return scale * (x - fn.mean(x, axis, True))


def _std(g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return _var(g / (y * 2), y, x, axis, keepdims)


def _extremum(g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Any:
    # equals share; an `initial` beyond all of x leaves nothing to share
    best = strip(x) == restore_axes(strip(y), x, axis, keepdims)
    axes = standardize_axes(axis, x.ndim)
    shares = np.maximum(np.sum(best, axis=axes, keepdims=True), 1).astype(x.dtype)
    return restore_axes(g, x, axis, keepdims) * (best.astype(x.dtype) / shares)


def _logsumexp(g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    shift = restore_axes(y, x, axis, keepdims)
    # where all of x is minus infinity, so is y
    shift = fn.where(np.isfinite(strip(shift)), shift, fn.zeros_like(shift))
    return restore_axes(g, x, axis, keepdims) * fn.exp(x - shift)


def _prod(g: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Any:
    axes = standardize_axes(axis, x.ndim)
    kept = tuple(i for i in range(x.ndim) if i not in axes)
    order = (*kept, *axes)
    flat = fn.reshape(fn.transpose(x, order), (*(x.shape[i] for i in kept), _count(x, axis)))
    # the product of the others, without dividing, which fails at zeros
    ones = fn.ones_like(flat[..., :1])
    before = fn.cumprod(fn.concatenate([ones, flat[..., :-1]], -1), -1)
    after = fn.flip(fn.cumprod(fn.concatenate([ones, fn.flip(flat, -1)[..., :-1]], -1), -1), -1)
    others = fn.reshape(before * after, tuple(x.shape[i] for i in order))
    back = tuple(int(i) for i in np.argsort(order))
    return restore_axes(g, x, axis, keepdims) * fn.transpose(others, back)


def _cumsum(g: Any, y: Any, x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    if axis is None:
        g, axis = fn.reshape(g, (-1,)), 0
    return fn.reshape(fn.flip(fn.cumsum(fn.flip(g, axis), axis), axis), x.shape)


def _cumprod(g: Any, y: Any, x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    shape = x.shape
    if axis is None:
        x, g, axis = fn.reshape(x, (-1,)), fn.reshape(g, (-1,)), 0
    first = standardize_axis(axis, x.ndim)
    x, g = fn.swapaxes(x, first, 0), fn.swapaxes(g, first, 0)
    before = fn.cumprod(fn.concatenate([fn.ones_like(x[:1]), x[:-1]], 0), 0)
    # what comes after an element, from the end: exact at zeros, unlike y / x
    after = [g[-1]] if x.shape[0] else []
    for i in range(x.shape[0] - 1, 0, -1):
        after.append(g[i - 1] + x[i] * after[-1])
    if not after:
        return fn.reshape(g, shape)
    return fn.reshape(fn.swapaxes(before * fn.stack(after[::-1], 0), first, 0), shape)


RULES: Final[dict[str, Rules]] = {
    "sum": (_sum,),
    "mean": (_mean,),
    "var": (_var,),
    "std": (_std,),
    "max": (_extremum,),
    "min": (_extremum,),
    "amax": (_extremum,),
    "amin": (_extremum,),
    "logsumexp": (_logsumexp,),
    "prod": (_prod,),
    "cumsum": (_cumsum,),
    "cumprod": (_cumprod,),
}

LINEAR: Final = frozenset(
    {
        "cumsum",
        "mean",
        "sum",
    }
)
