"""Cases of image ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw
from dl_ops.testing.case import FLOATS, Case
from dl_ops.typing import Array


def _linear(x: Array, size: Any) -> Array:
    """Bilinear interpolation between pixel centres, edges repeated, one axis after the other."""
    for axis, target in zip((-3, -2), size, strict=True):
        n = x.shape[axis]
        places = np.clip((np.arange(target) + 0.5) * n / target - 0.5, 0, n - 1)
        low = np.floor(places).astype(int)
        high = np.minimum(low + 1, n - 1)
        part = (places - low).reshape(-1, *[1] * (-1 - axis))
        x = np.take(x, low, axis) * (1 - part) + np.take(x, high, axis) * part
    return x


def _nearest(x: Array, size: Any, interpolation: str) -> Array:
    for axis, target in zip((-3, -2), size, strict=True):
        n = x.shape[axis]
        x = np.take(x, np.floor((np.arange(target) + 0.5) * n / target).astype(int), axis)
    return x


def _keeps_constants(result: Array, *arguments: Any, **options: Any) -> None:
    np.testing.assert_allclose(result, 1.5, atol=1e-5)


def _colour(pixel: Any) -> tuple[float, float, float]:
    """Hue, saturation and value of one colour."""
    red, green, blue = pixel
    high, low = max(pixel), min(pixel)
    if high == low:
        hue = 0.0
    elif high == red:
        hue = ((green - blue) / (high - low)) % 6
    elif high == green:
        hue = (blue - red) / (high - low) + 2
    else:
        hue = (red - green) / (high - low) + 4
    return hue / 6, (high - low) / high if high > 0 else 0.0, high


def _mixed(pixel: Any) -> tuple[float, float, float]:
    """Red, green and blue of one colour, by the sixth of the circle that its hue lies in."""
    hue, saturation, value = pixel
    sixth = (hue * 6) % 6
    part = sixth - np.floor(sixth)
    p, q, t = (value * (1 - saturation * share) for share in (1, part, 1 - part))
    sectors = [(value, t, p), (q, value, p), (p, value, t), (p, q, value), (t, p, value), (value, p, q)]
    return sectors[int(sixth)]


def _each_pixel(function: Any) -> Any:
    def reference(images: Array, data_format: str | None = None) -> Array:
        axis = -3 if data_format == "channels_first" else -1
        return np.apply_along_axis(function, axis, images)

    return reference


def _sampled(
    images: Array, output_shape: Any, scale: Array, translation: Array, spatial_dims: Any, method: str, antialias: bool
) -> Array:
    """Every place of the result from all pixels along an axis, one axis after the other."""
    kernels: dict[str, Callable[[float], Any]] = {
        "linear": lambda x: max(1 - x, 0),
        "cubic": lambda x: (1.5 * x - 2.5) * x * x + 1 if x < 1 else ((2.5 - 0.5 * x) * x - 4) * x + 2 if x < 2 else 0,
        "lanczos3": lambda x: np.sinc(x) * np.sinc(x / 3) if x < 3 else 0,
        "lanczos5": lambda x: np.sinc(x) * np.sinc(x / 5) if x < 5 else 0,
    }
    for a, b, axis in zip(scale, translation, spatial_dims, strict=True):
        lines = np.moveaxis(images, axis, 0)
        result = np.zeros((output_shape[axis], *lines.shape[1:]))
        width = max(1 / a, 1) if antialias else 1
        for i in range(len(result)):
            place = (i + 0.5 - b) / a
            if 0 <= place <= len(lines):
                weights = [kernels[method](abs(place - (j + 0.5)) / width) for j in range(len(lines))]
                result[i] = sum(w * line for w, line in zip(weights, lines, strict=True)) / sum(weights)
        images = np.moveaxis(result, 0, axis)
    return images


_IMAGES = draw(2, 4, 5, 3)

CASES: Final = [
    Case("resize", (_IMAGES, (8, 7)), reference=_linear, gradient=True, label="larger"),
    Case("resize", (_IMAGES, (3, 2)), reference=_linear, gradient=True, label="smaller"),
    Case("resize", (_IMAGES[0], (8, 10)), reference=_linear, gradient=True, label="one-image"),
    Case("resize", (_IMAGES, (8, 7), "nearest"), reference=_nearest, gradient=True, label="nearest"),
    *(
        Case(
            "resize",
            (np.full((1, 6, 6, 1), 1.5), (9, 4), method, True),
            verify=_keeps_constants,
            gradient=True,
            label=method,
        )
        for method in ("bilinear", "bicubic", "lanczos3", "lanczos5")
    ),
    Case(
        "resize",
        (np.moveaxis(_IMAGES, -1, 1), (8, 7)),
        {"data_format": "channels_first"},
        reference=lambda x, size, data_format: np.moveaxis(_linear(np.moveaxis(x, 1, -1), size), -1, 1),
        gradient=True,
        label="channels-first",
    ),
    Case(
        "rgb_to_grayscale",
        (draw(2, 4, 5, 3),),
        reference=lambda x: x @ np.array([[0.2989], [0.5870], [0.1140]]),
        gradient=True,
        label="channels-last",
    ),
    Case(
        "rgb_to_grayscale",
        (draw(2, 3, 4, 5), "channels_first"),
        reference=lambda x, data_format: np.einsum("bchw,c->bhw", x, [0.2989, 0.5870, 0.1140])[:, None],
        gradient=True,
        label="channels-first",
    ),
    *(
        Case(
            op,
            (draw(*shape, low=0.02, high=1.0),),
            {"data_format": data_format},
            reference=_each_pixel(function),
            gradient=True,
            tolerance=4.0,
            label=data_format.replace("_", "-"),
        )
        for op, function in (("rgb_to_hsv", _colour), ("hsv_to_rgb", _mixed))
        for data_format, shape in (("channels_last", (2, 4, 5, 3)), ("channels_first", (3, 4, 5)))
    ),
    Case(
        "rgb_to_hsv",
        (np.array([[[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1.0]]]),),
        reference=_each_pixel(_colour),
        dtypes=FLOATS,
        label="corners",
    ),
    Case(
        "hsv_to_rgb",
        (np.array([[[0, 0, 0], [1, 1, 1], [0.5, 0, 1], [1.25, 0.5, 0.5], [-0.25, 1, 1], [7.5, 1, 0.25]]]),),
        reference=_each_pixel(_mixed),
        dtypes=FLOATS,
        label="round-the-circle",
    ),
    *(
        Case(
            "scale_and_translate",
            (draw(5, 6), (7, 4), np.array([1.7, 0.6]), np.array([-0.4, 0.3]), (0, 1), method, antialias),
            reference=_sampled,
            gradient=True,
            unknown=("images",),
            tolerance=10.0,
            label=f"{method}{'-antialias' if antialias else ''}",
        )
        for method in ("linear", "cubic", "lanczos3", "lanczos5")
        for antialias in (True, False)
    ),
    Case(
        "scale_and_translate",
        (draw(2, 3, 4), (2, 3, 9), np.array([1.5]), np.array([1.8]), (-1,), "linear", True),
        reference=_sampled,
        gradient=True,
        unknown=("images",),
        label="beyond",
    ),
]
