"""Reductions and sorting: what does not depend on the order of elements, and what puts them in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from dl_ops import ops
from dl_ops.testing.identities.arguments import SEEDS, Arguments, arrays, numbers, with_axes, with_axis, with_order
from dl_ops.testing.identities.identity import Identity

REDUCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    **{name: getattr(ops, name) for name in ("sum", "prod", "max", "min", "mean", "var", "std", "logsumexp", "median")},
    **{name: getattr(ops, name) for name in ("all", "any", "count_nonzero", "ptp", "nansum", "nanmean", "nanmax")},
    "quantile": lambda x, axis: ops.quantile(x, [0.3, 0.8], axis),
    "norm": lambda x, axis: ops.norm(x, 3, axis),
    "moments": lambda x, axis: ops.stack(ops.moments(x, axis)),
    "histogram": lambda x, axis: ops.histogram(ops.ravel(x), 4, (-1.0, 1.0))[0],
    "unique": lambda x, axis: ops.unique(x),
}
IDEMPOTENT: Final[Mapping[str, Callable[..., Any]]] = {
    **{
        name: getattr(ops, name)
        for name in ("relu", "relu6", "abs", "round", "floor", "ceil", "trunc", "sign", "unique")
    },
    **{
        name: getattr(ops, name)
        for name in ("sort", "tril", "triu", "ravel", "nan_to_num", "hard_tanh", "fabs", "copy")
    },
    "clip": lambda x: ops.clip(x, -0.5, 0.7),
    "round to a decimal": lambda x: ops.round(x, 1),
    "hard_shrink": lambda x: ops.hard_shrink(x, 0.5),
    "threshold": lambda x: ops.threshold(x, 0.5, -9.0),
    "normalize": ops.normalize,
    "squeeze": ops.squeeze,
    "cast": lambda x: ops.cast(x, "float32"),
}


def _axis_at(axis: int, rank: int) -> int:
    return axis + rank if axis < 0 else axis


def invariant(name: str, function: Callable[..., Any]) -> Identity:
    """A reduction gives the same in another order."""

    def sides(x: Any, axis: int, order: Any) -> tuple[Any, Any]:
        return function(ops.take(x, order, axis), axis), function(x, axis)

    return Identity(f"{name} in another order", with_order(least=1), sides)


def idempotent(name: str, function: Callable[..., Any]) -> Identity:
    """Doing it twice is doing it once."""
    return Identity(
        f"{name} twice is once", arrays(ranks=(2, 3), least=1), lambda x: (function(function(x)), function(x))
    )


@st.composite
def tied(draw: st.DrawFn) -> Arguments:
    """Arrays many of whose elements are equal, and an axis."""
    x, axis = draw(with_axis(low=-2, high=3))
    return x.astype(draw(st.sampled_from(["float64", "int32"]))), axis


@st.composite
def quantiles(draw: st.DrawFn) -> Arguments:
    """Arrays, an axis, increasing fractions, and how to interpolate."""
    x, axis = draw(with_axes(least=1))
    q = np.sort(np.append(numbers(draw(SEEDS), (4,), 0.0, 1.0), [0.0, 1.0]))
    return x, axis, q, draw(st.sampled_from(["linear", "lower", "higher", "nearest", "midpoint"]))


def _sorted(x: Any, axis: int) -> tuple[Any, Any]:
    order, once = ops.argsort(x, axis), ops.sort(x, axis)
    return [ops.take_along_axis(x, order, axis), ops.sort(ops.flip(x, axis), axis), ops.sort(order, axis)], [
        once,
        once,
        ops.cast(ops.broadcast_to(_positions(x, axis), x.shape), order.dtype),
    ]


def _positions(x: Any, axis: int) -> Any:
    """Index along an axis of each element."""
    rank = _axis_at(axis, x.ndim)
    return ops.reshape(ops.arange(x.shape[axis], dtype="int32"), [-1 if i == rank else 1 for i in range(x.ndim)])


def _top(x: Any) -> tuple[Any, Any]:
    values, indices = ops.top_k(x, x.shape[-1])
    return [values, ops.take_along_axis(x, indices, -1)], [ops.flip(ops.sort(x), -1), values]


def _extremes(x: Any, axis: int) -> tuple[Any, Any]:
    def taken(indices: Any) -> Any:
        return ops.take_along_axis(x, ops.expand_dims(indices, axis), axis)

    found = [taken(ops.argmax(x, axis)), taken(ops.argmin(x, axis)), -ops.max(-x, axis), ops.argmax(-x, axis)]
    return found, [ops.max(x, axis, True), ops.min(x, axis, True), ops.min(x, axis), ops.argmin(x, axis)]


def _partition(x: Any, axis: int) -> tuple[Any, Any]:
    kth = x.shape[axis] // 2
    parted = ops.take_along_axis(x, ops.argpartition(x, kth, axis), axis)
    return [ops.sort(parted, axis), ops.take(parted, kth, axis)], [
        ops.sort(x, axis),
        ops.take(ops.sort(x, axis), kth, axis),
    ]


def _monotone(x: Any, axis: Any, q: Any, method: str) -> tuple[Any, Any]:
    found = ops.quantile(x, q, axis, method)
    return [ops.sort(found, 0), found[0], found[-1]], [found, ops.min(x, axis), ops.max(x, axis)]


def _unique(x: Any) -> tuple[Any, Any]:
    values, inverse, counts = ops.unique(x, return_inverse=True, return_counts=True)
    occurrences = ops.bincount(ops.ravel(inverse), minlength=len(values))
    return [
        ops.take(values, ops.reshape(inverse, x.shape), 0),
        ops.cast(occurrences, counts.dtype),
        ops.sort(values),
    ], [
        x,
        counts,
        values,
    ]


def _searched(x: Any, y: Any) -> tuple[Any, Any]:
    x = ops.sort(x)
    left, right = (ops.searchsorted(x, y, side) for side in ("left", "right"))
    below = ops.expand_dims(y, -1) > x
    upto = ops.expand_dims(y, -1) >= x
    return [left, right], [ops.cast(ops.sum(ops.cast(n, "int32"), -1), left.dtype) for n in (below, upto)]


def _last(x: Any, axis: int) -> tuple[Any, Any]:
    return [ops.take(ops.cumsum(x, axis), -1, axis), ops.take(ops.cumprod(x, axis), -1, axis)], [
        ops.sum(x, axis),
        ops.prod(x, axis),
    ]


def _scanned(x: Any, axis: int) -> tuple[Any, Any]:
    return [
        ops.associative_scan(ops.add, x, axis=axis),
        ops.associative_scan(ops.maximum, x, True, axis),
    ], [ops.cumsum(x, axis), ops.flip(ops.associative_scan(ops.maximum, ops.flip(x, axis), axis=axis), axis)]


def _softmaxes(x: Any, axis: int) -> tuple[Any, Any]:
    y = ops.softmax(x, axis)
    return [ops.sum(y, axis), ops.softmax(x + 100.0, axis), ops.log(y), ops.exp(x - ops.logsumexp(x, axis, True))], [
        ops.ones_like(ops.sum(x, axis)),
        y,
        ops.log_softmax(x, axis),
        y,
    ]


def _statistics(x: Any, axis: Any) -> tuple[Any, Any]:
    mean, variance = ops.moments(x, axis, True)
    return [ops.mean(x - mean, axis), ops.mean(ops.square(x), axis, True) - mean * mean, ops.std(x, axis, True)], [
        ops.zeros_like(ops.mean(x, axis)),
        variance,
        ops.sqrt(variance),
    ]


def _keepdims(x: Any, axis: Any) -> tuple[Any, Any]:
    functions = [ops.sum, ops.max, ops.mean, ops.any, ops.logsumexp, ops.median, ops.prod, ops.nanmin]
    kept = [function(x, axis, keepdims=True) for function in functions]
    return [ops.reshape(y, ops.sum(x, axis).shape) for y in kept], [function(x, axis) for function in functions]


def _one_by_one(x: Any, axis: Any) -> Any:
    axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    for i in sorted((_axis_at(i, x.ndim) for i in axes), reverse=True):
        x = ops.sum(x, i)
    return x


def _normalized(x: Any) -> tuple[Any, Any]:
    y, scaled = ops.layer_normalization(x, epsilon=0.0), ops.rms_normalization(x, epsilon=0.0)
    nothing = ops.zeros_like(ops.sum(x, -1))
    return [
        ops.mean(y, -1),
        ops.var(y, -1),
        ops.mean(ops.square(scaled), -1),
        ops.layer_normalization(3 * x + 1, epsilon=0.0),
    ], [
        nothing,
        nothing + 1,
        nothing + 1,
        y,
    ]


ORDER: Final = [
    *(invariant(name, function) for name, function in REDUCTIONS.items()),
    *(idempotent(name, function) for name, function in IDEMPOTENT.items()),
    Identity("sort, argsort and take_along_axis", tied(), _sorted),
    Identity("top_k", tied().filter(lambda found: found[0].shape[-1]).map(lambda found: found[:1]), _top),
    Identity("argmax and argmin", with_axis(least=1), _extremes),
    Identity("argpartition", with_axis(least=1), _partition),
    Identity("quantiles increase", quantiles(), _monotone),
    Identity("median is a quantile", with_axes(least=1), lambda x, a: (ops.median(x, a), ops.quantile(x, 0.5, a))),
    Identity("unique", arrays(1, -3, 4, ranks=(1, 3), least=1), _unique),
    Identity("searchsorted", arrays(2, -3, 4, ranks=(1, 1)).map(lambda f: tuple(map(np.float64, f))), _searched),
    Identity(
        "bincount is one_hot",
        arrays(1, 0, 6, ranks=(1, 2)),
        lambda x: (ops.bincount(x, minlength=6), ops.sum(ops.one_hot(x, 6, dtype="int32"), -2)),
    ),
    Identity("cumsum and cumprod end in sum and prod", with_axis(least=1), _last),
    Identity("associative_scan", with_axis(least=1), _scanned),
    Identity("softmax", with_axis(least=1), _softmaxes),
    Identity("moments", with_axes(least=1), _statistics),
    Identity("keepdims", with_axes(least=1), _keepdims),
    Identity(
        "sum of several axes at once",
        with_axes(ranks=(2, 3)),
        lambda x, axis: (ops.sum(x, axis), _one_by_one(x, axis)),
    ),
    Identity(
        "logsumexp of what is shifted",
        with_axes(least=1),
        lambda x, a: (ops.logsumexp(x + 50.0, a), ops.logsumexp(x, a) + 50.0),
    ),
    Identity(
        "average of equal weights",
        with_axis(least=1),
        lambda x, a: (ops.average(x, a, ops.full((x.shape[a],), 0.3, x.dtype)), ops.mean(x, a)),
    ),
    Identity("layer_normalization", arrays(ranks=(1, 3), least=2), _normalized, 100.0),
]
