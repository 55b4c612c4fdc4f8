"""Cases of layers that change shapes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import draw, integers
from dl_ops.typing import Array

_SIZES: Final = {1: (5,), 2: (4, 6), 3: (4, 3, 5)}
_FORMATS: Final = ("channels_last", "channels_first")


def _images(rank: int, data_format: str) -> Array:
    return draw(2, *_SIZES[rank], 3) if data_format == "channels_last" else draw(2, 3, *_SIZES[rank])


def _spatial(rank: int, data_format: str) -> tuple[int, ...]:
    first = 1 if data_format == "channels_last" else 2
    return tuple(range(first, first + rank))


# -- sides: the option, and what it means for each axis --

_SIDES: Final[list[tuple[int, Any, tuple[tuple[int, int], ...]]]] = [
    (1, 2, ((2, 2),)),
    (1, (0, 3), ((0, 3),)),
    (2, 1, ((1, 1), (1, 1))),
    (2, (1, 2), ((1, 1), (2, 2))),
    (2, ((1, 0), (2, 3)), ((1, 0), (2, 3))),
    (3, 1, ((1, 1), (1, 1), (1, 1))),
    (3, (1, 0, 2), ((1, 1), (0, 0), (2, 2))),
    (3, ((1, 0), (0, 2), (2, 1)), ((1, 0), (0, 2), (2, 1))),
]


def _padding(rank: int, padding: Any, sides: Any, data_format: str) -> LayerCase:
    widths = ((0, 0), *sides, (0, 0)) if data_format == "channels_last" else ((0, 0), (0, 0), *sides)
    return LayerCase(
        Recipe(f"ZeroPadding{rank}D", padding=padding, data_format=data_format),
        (_images(rank, data_format),),
        reference=lambda weights, x: np.pad(x, widths),
        unknown=(0, *_spatial(rank, data_format)),
    )


def _cropping(rank: int, cropping: Any, sides: Any, data_format: str) -> LayerCase:
    options = {"data_format": data_format} if rank > 1 else {}
    data_format = options.get("data_format", "channels_last")

    def reference(weights: Any, x: Array) -> Array:
        for axis, (before, after) in zip(_spatial(rank, data_format), sides, strict=True):
            x = np.take(x, range(before, x.shape[axis] - after), axis)
        return x

    return LayerCase(
        Recipe(f"Cropping{rank}D", cropping=cropping, **options),
        (_images(rank, data_format),),
        reference=reference,
        unknown=(0, *_spatial(rank, data_format)),
    )


# -- enlarging --


def _repeating(rank: int, size: Any, data_format: str) -> LayerCase:
    factors = (size,) * rank if isinstance(size, int) else size

    def reference(weights: Any, x: Array) -> Array:
        for axis, factor in zip(_spatial(rank, data_format), factors, strict=True):
            x = np.repeat(x, factor, axis)
        return x

    options = {"data_format": data_format} if rank > 1 else {}
    return LayerCase(
        Recipe(f"UpSampling{rank}D", size=size, **options),
        (_images(rank, data_format),),
        reference=reference,
        unknown=(0, *_spatial(rank, data_format)),
    )


_KERNELS: Final[dict[str, Callable[[float], Any]]] = {
    "bilinear": lambda x: max(1 - x, 0),
    "bicubic": lambda x: (1.5 * x - 2.5) * x * x + 1 if x < 1 else ((2.5 - 0.5 * x) * x - 4) * x + 2 if x < 2 else 0,
    "lanczos3": lambda x: np.sinc(x) * np.sinc(x / 3) if x < 3 else 0,
    "lanczos5": lambda x: np.sinc(x) * np.sinc(x / 5) if x < 5 else 0,
}


def _interpolating(interpolation: str, data_format: str) -> LayerCase:
    """Every place of the result from all pixels along an axis, one axis after the other."""
    factors, axes = (2, 3), _spatial(2, data_format)

    def reference(weights: Any, x: Array) -> Array:
        for axis, factor in zip(axes, factors, strict=True):
            lines = np.moveaxis(x, axis, 0)
            result = []
            for i in range(len(lines) * factor):
                shares = [_KERNELS[interpolation](abs((i + 0.5) / factor - (j + 0.5))) for j in range(len(lines))]
                result.append(sum(share * line for share, line in zip(shares, lines, strict=True)) / sum(shares))
            x = np.moveaxis(np.stack(result), 0, axis)
        return x

    return LayerCase(
        Recipe("UpSampling2D", size=factors, data_format=data_format, interpolation=interpolation),
        (_images(2, data_format),),
        reference=reference,
        unknown=(0, *axes),
    )


CASES: Final = [
    LayerCase(Recipe("Flatten"), (draw(3, 2, 4),), reference=lambda w, x: x.reshape(3, 8)),
    LayerCase(Recipe("Flatten"), (draw(3),), reference=lambda w, x: x.reshape(3, 1), label="vector"),
    LayerCase(
        Recipe("Flatten", data_format="channels_first"),
        (draw(3, 2, 4, 5),),
        reference=lambda w, x: np.moveaxis(x, 1, -1).reshape(3, 40),
    ),
    LayerCase(Recipe("Reshape", target_shape=(4, 2)), (draw(3, 8),), reference=lambda w, x: x.reshape(3, 4, 2)),
    LayerCase(
        Recipe("Reshape", target_shape=(-1, 2)),
        (integers(0, 9, 3, 4, 3),),
        reference=lambda w, x: x.reshape(3, 6, 2),
        unknown=(0, 1),
        gradient=False,
    ),
    LayerCase(Recipe("Reshape", target_shape=(2, None)), (draw(3, 8),), reference=lambda w, x: x.reshape(3, 2, 4)),
    LayerCase(Recipe("Reshape", target_shape=()), (draw(3, 1),), reference=lambda w, x: x.reshape(3), label="numbers"),
    LayerCase(
        Recipe("Permute", dims=(2, 1)), (draw(3, 2, 4),), reference=lambda w, x: np.swapaxes(x, 1, 2), unknown=(0, 1)
    ),
    LayerCase(
        Recipe("Permute", dims=(3, 1, 2)),
        (integers(0, 9, 2, 3, 4, 5),),
        reference=lambda w, x: np.moveaxis(x, 3, 1),
        unknown=(0, 2, 3),
        gradient=False,
    ),
    LayerCase(
        Recipe("RepeatVector", n=3), (draw(2, 4),), reference=lambda w, x: np.stack([x, x, x], 1), unknown=(0, 1)
    ),
    *(_padding(*sides, data_format) for sides, data_format in zip(_SIDES, itertools.cycle(_FORMATS))),
    *(_cropping(*sides, data_format) for sides, data_format in zip(_SIDES, itertools.cycle(_FORMATS))),
    _repeating(1, 3, "channels_last"),
    _repeating(2, 2, "channels_first"),
    _repeating(2, (1, 3), "channels_last"),
    _repeating(3, 2, "channels_last"),
    _repeating(3, (3, 1, 2), "channels_first"),
    *(_interpolating(interpolation, data_format) for interpolation in _KERNELS for data_format in _FORMATS),
]
