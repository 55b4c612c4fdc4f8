"""Cases of pooling."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing import references
from dl_ops.testing.arrays import apart
from dl_ops.typing import Array

_POOLS: Final[dict[str, Any]] = {"MaxPooling": references.max_pool, "AveragePooling": references.average_pool}
_REDUCTIONS: Final[dict[str, Any]] = {"Max": np.max, "Average": np.mean}
_SIZES: Final = {1: (5,), 2: (4, 6), 3: (4, 3, 5)}
_OPTIONS: Final[dict[int, list[dict[str, Any]]]] = {
    1: [
        {"pool_size": 2},
        {"pool_size": 3, "strides": 1, "padding": "same"},
        {"pool_size": 2, "strides": 1, "data_format": "channels_first"},
        {"pool_size": 3, "strides": 2, "padding": "same", "data_format": "channels_first"},
    ],
    2: [
        {"pool_size": 2},
        {"pool_size": (3, 2), "strides": (1, 2), "padding": "same"},
        {"pool_size": 2, "strides": 1, "data_format": "channels_first"},
        {"pool_size": 3, "strides": 2, "padding": "same", "data_format": "channels_first"},
    ],
    3: [
        {"pool_size": 2},
        {"pool_size": (3, 2, 1), "strides": (1, 2, 3), "padding": "same"},
        {"pool_size": 2, "strides": 1, "data_format": "channels_first"},
        {"pool_size": (1, 2, 3), "strides": 2, "padding": "same", "data_format": "channels_first"},
    ],
}
_FORMATS: Final = ("channels_last", "channels_first")


def _images(rank: int, data_format: str) -> Array:
    shape = (2, *_SIZES[rank], 3) if data_format == "channels_last" else (2, 3, *_SIZES[rank])
    # small, as sums in 16 bits lose what is small beside their terms
    return apart(*shape) / 16


def _spatial(rank: int, data_format: str) -> tuple[int, ...]:
    first = 1 if data_format == "channels_last" else 2
    return tuple(range(first, first + rank))


def _pool(kind: str, rank: int, options: dict[str, Any]) -> LayerCase:
    data_format = options.get("data_format", "channels_last")
    return LayerCase(
        Recipe(f"{kind}{rank}D", **options),
        (_images(rank, data_format),),
        reference=lambda weights, x: _POOLS[kind](x, **options),
        unknown=(0, *_spatial(rank, data_format)),
    )


def _global(kind: str, rank: int, keepdims: bool, data_format: str) -> LayerCase:
    axes = _spatial(rank, data_format)
    return LayerCase(
        Recipe(f"Global{kind}Pooling{rank}D", keepdims=keepdims, data_format=data_format),
        (_images(rank, data_format),),
        reference=lambda weights, x: _REDUCTIONS[kind](x, axis=axes, keepdims=keepdims),
        unknown=(0, *axes),
    )


def _adaptive(kind: str, rank: int, output_size: Any, data_format: str) -> LayerCase:
    axes = _spatial(rank, data_format)
    counts = (output_size,) * rank if isinstance(output_size, int) else output_size
    reduce: Callable[..., Any] = _REDUCTIONS[kind]

    def reference(weights: Any, x: Array) -> Array:
        for axis, count in zip(axes, counts, strict=True):
            size = x.shape[axis]
            parts = [np.arange(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
            x = np.stack([reduce(np.take(x, part, axis), axis=axis) for part in parts], axis)
        return x

    return LayerCase(
        Recipe(f"Adaptive{kind}Pooling{rank}D", output_size=output_size, data_format=data_format),
        (_images(rank, data_format),),
        reference=reference,
        unknown=(0, *axes),
    )


def _masked_mean(data_format: str, keepdims: bool) -> LayerCase:
    def reference(weights: Any, x: Array, mask: Array) -> Array:
        last = data_format == "channels_last"
        rows = [row if last else row.T for row in x]
        means = [row[kept].mean(0) if kept.any() else np.zeros(3) for row, kept in zip(rows, mask, strict=True)]
        y = np.stack(means)
        return np.expand_dims(y, 1 if last else 2) if keepdims else y

    return LayerCase(
        Recipe("GlobalAveragePooling1D", data_format=data_format, keepdims=keepdims),
        (_images(1, data_format),),
        {"mask": np.array([[True, False, True, True, False], [False, True, False, False, False]])},
        reference=reference,
        label=f"mask-{data_format}",
    )


CASES: Final = [
    *(_pool(kind, rank, options) for kind in _POOLS for rank in _OPTIONS for options in _OPTIONS[rank]),
    *(
        _global(kind, rank, keepdims, data_format)
        for kind, rank, (keepdims, data_format) in itertools.product(
            _REDUCTIONS, _SIZES, ((False, "channels_last"), (True, "channels_first"))
        )
    ),
    _masked_mean("channels_last", False),
    _masked_mean("channels_first", True),
    *(
        _adaptive(kind, rank, output_size, data_format)
        for kind, rank in itertools.product(_REDUCTIONS, _SIZES)
        for output_size, data_format in zip((2, (6, 3, 2)[:rank]), _FORMATS, strict=True)
    ),
]
