"""Cases of ops that take the pixels of images from elsewhere, against loops over pixels."""

from __future__ import annotations

import itertools
from math import floor, prod
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw
from dl_ops.testing.case import NUMBERS, Case
from dl_ops.typing import Array


def _inside(index: int, size: int, mode: str) -> int | None:
    """The element that stands for one outside, found step by step; ``None`` if none does."""
    while not 0 <= index < size:
        if mode == "constant":
            return None
        if mode == "nearest" or size == 1:
            index = 0 if index < 0 else size - 1
        elif mode == "wrap":
            index += size if index < 0 else -size
        elif mode == "mirror":
            index = -index if index < 0 else 2 * (size - 1) - index
        else:
            index = -1 - index if index < 0 else 2 * size - 1 - index
    return index


def _value(x: Array, point: Any, order: int, mode: str, fill: float) -> float:
    """Value of an array at a point between its elements."""
    if not order:
        nearest = [int(np.copysign(floor(abs(c) + 0.5), c)) for c in point]
        places = [_inside(index, n, mode) for index, n in zip(nearest, x.shape, strict=True)]
        return fill if None in places else float(x[tuple(places)])
    total = 0.0
    for corner in itertools.product((0, 1), repeat=len(point)):
        share = prod(c - floor(c) if step else 1 - (c - floor(c)) for c, step in zip(point, corner, strict=True))
        places = [_inside(floor(c) + step, n, mode) for c, step, n in zip(point, corner, x.shape, strict=True)]
        total += share * (fill if None in places else x[tuple(places)])
    return total


def _map(inputs: Array, coordinates: Array, order: int, fill_mode: str = "constant", fill_value: float = 0) -> Array:
    result = np.empty(coordinates.shape[1:])
    for place in np.ndindex(*result.shape):
        result[place] = _value(inputs, coordinates[(slice(None), *place)], order, fill_mode, fill_value)
    return np.round(result) if inputs.dtype.kind == "i" else result


def _moved(images: Array, where: Any, interpolation: str, mode: str, fill: float, data_format: str | None) -> Array:
    """Each pixel taken from ``where(image's number, column, row)``."""
    first = data_format == "channels_first"
    batch = images if images.ndim == 4 else images[None]
    batch = np.moveaxis(batch, 1, -1) if first else batch
    result = np.empty(batch.shape)
    for i, row, column, channel in np.ndindex(*batch.shape):
        x, y = where(i, column, row)
        result[i, row, column, channel] = _value(
            batch[i, ..., channel], (y, x), 1 if interpolation == "bilinear" else 0, mode, fill
        )
    result = np.moveaxis(result, -1, 1) if first else result
    result = result if images.ndim == 4 else result[0]
    return np.round(result) if images.dtype.kind == "i" else result


def _affine(
    images: Array,
    transform: Array,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Array:
    def where(i: int, x: int, y: int) -> tuple[float, float]:
        a0, a1, a2, b0, b1, b2, c0, c1 = transform if transform.ndim == 1 else transform[i % len(transform)]
        k = c0 * x + c1 * y + 1
        return (a0 * x + a1 * y + a2) / k, (b0 * x + b1 * y + b2) / k

    return _moved(images, where, interpolation, fill_mode, fill_value, data_format)


def _perspective(
    images: Array,
    start_points: Array,
    end_points: Array,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Array:
    def where(i: int, x: int, y: int) -> tuple[float, float]:
        start = start_points if start_points.ndim == 2 else start_points[i]
        end = end_points if end_points.ndim == 2 else end_points[i]
        equations, right = [], []
        for (u, v), (p, q) in zip(start, end, strict=True):
            equations += [[p, q, 1, 0, 0, 0, -p * u, -q * u], [0, 0, 0, p, q, 1, -p * v, -q * v]]
            right += [u, v]
        a0, a1, a2, b0, b1, b2, c0, c1 = np.linalg.solve(np.array(equations), np.array(right))
        k = c0 * x + c1 * y + 1
        return (a0 * x + a1 * y + a2) / k, (b0 * x + b1 * y + b2) / k

    return _moved(images, where, interpolation, "constant", fill_value, data_format)


def _smooth_and_even(result: Array, images: Array, **options: Any) -> None:
    # columns rise to the right, so what is added is where pixels came from
    way = result - images
    assert 0.05 < way[..., 3:-3, 0].std() < 4.0
    assert np.abs(np.diff(way[..., 3:-3, 0], axis=-1)).mean() < way[..., 3:-3, 0].std()
    np.testing.assert_allclose(way[..., 0], way[..., 1], atol=0.1)


def _unbent(result: Array, key: Array, images: Array, *options: Any, **more: Any) -> None:
    _smooth_and_even(result, images)


_POINTS: Final = np.array([-7.3, -5.6, -4.2, -2.5, -1.0, -0.5, -0.3, 0.0, 0.4, 1.5, 3.7, 4.0, 4.4, 4.5, 5.0, 6.8, 11.2])
_SMOOTH: Final = np.array([[0.3, 1.7, -0.6, 4.2], [0.6, 2.8, 1.3, 2.4]])
_IMAGES: Final = draw(2, 4, 5, 3, low=-20.0, high=20.0)
_TRANSFORM: Final = np.array([1.1, 0.17, -0.63, -0.13, 0.9, 0.37, 0.0, 0.0])
_PROJECTION: Final = np.array([1.1, 0.17, -0.63, -0.13, 0.9, 0.37, 0.03, 0.02])
_START: Final = np.array([[0.2, 0.1], [3.9, 0.3], [0.1, 3.2], [4.2, 2.8]])
_END: Final = np.array([[0.6, 0.3], [4.1, -0.2], [-0.3, 2.9], [3.7, 3.1]])
_COLUMNS: Final = np.tile(np.arange(24.0)[:, None], (2, 16, 1, 2))
_FIRST: Final = {"data_format": "channels_first"}

CASES: Final = [
    *(
        Case(
            "map_coordinates",
            (draw(5), _POINTS[None], order),
            {"fill_mode": mode, "fill_value": 0.7},
            reference=_map,
            gradient=("inputs",) if mode == "constant" else False,
            unknown=("coordinates",),
            label=f"{mode}-{order}",
        )
        for mode in ("constant", "nearest", "wrap", "mirror", "reflect")
        for order in (0, 1)
    ),
    Case(
        "map_coordinates",
        (draw(5, 4, low=-9.0, high=9.0), _SMOOTH.astype("float32"), 1),
        reference=_map,
        dtypes=NUMBERS,
        label="plane",
    ),
    Case("map_coordinates", (draw(5, 4), _SMOOTH, 1), reference=_map, gradient=True, label="gradients"),
    Case(
        "map_coordinates",
        (draw(5, 4), _SMOOTH, 1, "reflect"),
        reference=_map,
        gradient=True,
        label="gradients-reflect",
    ),
    Case("map_coordinates", (draw(3, 4, 2), draw(3, 2, 3, 2, high=3.0), 1, "nearest"), reference=_map, label="space"),
    Case("map_coordinates", (draw(3, 4), np.array([[0, 2], [3, 4]]), 1, "wrap"), reference=_map, label="whole"),
    Case("map_coordinates", (draw(1), _POINTS[None], 1, "mirror"), reference=_map, unknown=False, label="one-element"),
    Case(
        "map_coordinates",
        (draw(3), np.array([[np.nan, np.inf, -np.inf]]), 1, "constant", 2.5),
        reference=lambda x, *options: np.full(3, 2.5),
        label="nowhere",
    ),
    Case("affine_transform", (_IMAGES[0], _TRANSFORM), reference=_affine, unknown=("images",), label="one-image"),
    Case(
        "affine_transform",
        (_IMAGES, _TRANSFORM.astype("float32")),
        reference=_affine,
        dtypes=NUMBERS,
        tolerance=20.0,
        label="one",
    ),
    Case("affine_transform", (_IMAGES, _TRANSFORM), reference=_affine, gradient=True, tolerance=5.0, label="gradients"),
    Case(
        "affine_transform",
        (_IMAGES, np.stack([_TRANSFORM, _PROJECTION])),
        {"fill_value": 1.5},
        reference=_affine,
        gradient=True,
        tolerance=5.0,
        label="each",
    ),
    *(
        Case(
            "affine_transform",
            (_IMAGES, 1.4 * _PROJECTION, interpolation, mode),
            reference=_affine,
            gradient=("images",),
            tolerance=5.0,
            label=f"{mode}-{interpolation}",
        )
        for mode in ("nearest", "wrap", "mirror", "reflect")
        for interpolation in ("bilinear", "nearest")
    ),
    Case(
        "affine_transform",
        (np.moveaxis(_IMAGES, -1, 1), _PROJECTION[None], "nearest", "constant", 3.0),
        _FIRST,
        reference=_affine,
        unknown=("images",),
        label="channels-first",
    ),
    Case(
        "perspective_transform",
        (np.moveaxis(_IMAGES[0], -1, 0), _START, _END, "nearest"),
        _FIRST,
        reference=_perspective,
        unknown=("images",),
        label="one-image",
    ),
    Case(
        "perspective_transform",
        (_IMAGES, np.stack([_START, _START + 0.1]), np.stack([_END, _END[::-1]]), "bilinear", 2.0),
        reference=_perspective,
        gradient=("images",),
        tolerance=20.0,
        label="each",
    ),
    Case(
        "perspective_transform",
        (_IMAGES, _START, _END),
        reference=_perspective,
        gradient=True,
        unknown=("images",),
        tolerance=20.0,
        label="one",
    ),
    Case(
        "random_elastic_transform",
        (np.array([3, 1], "uint32"), _COLUMNS, 3.0, 3.0),
        verify=_unbent,
        dtypes=("float32",),
        unknown=False,
        label="batch",
    ),
    Case(
        "random_elastic_transform",
        (np.array([3, 1], "uint32"), _COLUMNS[0], 3.0, 3.0, "bilinear", "nearest"),
        verify=_unbent,
        gradient=("images",),
        unknown=False,
        label="one-image",
    ),
]
