"""Cases of image ops."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw
from dl_ops.testing.case import Case
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
]
