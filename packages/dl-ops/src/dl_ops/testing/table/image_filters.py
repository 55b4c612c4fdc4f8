"""Cases of filters of images, against loops over pixels."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw, integers
from dl_ops.testing.case import NUMBERS, Case
from dl_ops.typing import Array


def _by_channel(images: Array, data_format: str | None, function: Any) -> Array:
    """A function of one channel of an image applied to all of them; what it gives may have new axes at the end."""
    first = data_format == "channels_first"
    batch = images if images.ndim == 4 else images[None]
    batch = batch if first else np.moveaxis(batch, -1, 1)
    result = np.stack([np.stack([function(channel) for channel in image]) for image in batch])
    result = result if first else np.moveaxis(result, 1, 3)
    return result if images.ndim == 4 else result[0]


def _bell(size: int, sigma: float) -> Array:
    weights: Array = np.array([np.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma**2)) for i in range(size)])
    bell: Array = weights / weights.sum()
    return bell


def _blur(images: Array, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None) -> Array:
    window = np.outer(_bell(kernel_size[0], sigma[0]), _bell(kernel_size[1], sigma[1]))

    def blurred(channel: Array) -> Array:
        result = np.zeros(channel.shape)
        for row, column in np.ndindex(*channel.shape):
            for i, j in np.ndindex(*window.shape):
                y, x = row + i - (window.shape[0] - 1) // 2, column + j - (window.shape[1] - 1) // 2
                if 0 <= y < channel.shape[0] and 0 <= x < channel.shape[1]:
                    result[row, column] += window[i, j] * channel[y, x]
        return result

    result = _by_channel(images, data_format, blurred)
    return np.round(result) if images.dtype.kind == "i" else result


def _sobel(images: Array, data_format: str | None = None) -> Array:
    down = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])

    def edges(channel: Array) -> Array:
        height, width = channel.shape
        result = np.zeros((height, width, 2), channel.dtype)
        for row, column, i, j in np.ndindex(height, width, 3, 3):
            y, x = abs(row + i - 1), abs(column + j - 1)
            pixel = channel[y if y < height else 2 * height - 2 - y, x if x < width else 2 * width - 2 - x]
            result[row, column] += np.array([down[i, j] * pixel, down.T[i, j] * pixel])
        return result

    return _by_channel(images, data_format, edges)


def _ssim(
    image1: Array,
    image2: Array,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Any:
    window = np.outer(_bell(filter_size, filter_sigma), _bell(filter_size, filter_sigma))
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2

    def similarity(x: Array, y: Array) -> float:
        values = []
        for row, column in np.ndindex(x.shape[0] - filter_size + 1, x.shape[1] - filter_size + 1):
            a, b = (z[row : row + filter_size, column : column + filter_size].astype(float) for z in (x, y))
            m, n = (window * a).sum(), (window * b).sum()
            s, t = (window * (a - m) ** 2).sum(), (window * (b - n) ** 2).sum()
            common = (window * (a - m) * (b - n)).sum()
            values.append((2 * m * n + c1) * (2 * common + c2) / ((m * m + n * n + c1) * (s + t + c2)))
        return float(np.mean(values))

    pairs = [(image1, image2)] if image1.ndim == 3 else list(zip(image1, image2, strict=True))
    results = []
    for x, y in pairs:
        x, y = (z if data_format == "channels_first" else np.moveaxis(z, -1, 0) for z in (x, y))
        results.append(np.mean([similarity(a, b) for a, b in zip(x, y, strict=True)]))
    return results[0] if image1.ndim == 3 else np.array(results)


_IMAGES: Final = draw(2, 5, 6, 3)
_LARGE: Final = draw(2, 12, 13, 2, low=0.0, high=1.0)
_NOISY: Final = np.clip(_LARGE + draw(2, 12, 13, 2, low=-0.2, high=0.2), 0, 1)
_FIRST: Final = {"data_format": "channels_first"}

CASES: Final = [
    Case("gaussian_blur", (9 * _IMAGES,), reference=_blur, dtypes=NUMBERS, tolerance=4.0, label="default"),
    Case("gaussian_blur", (_IMAGES, (3, 5), (0.7, 1.6)), reference=_blur, gradient=True, label="oblong"),
    Case("gaussian_blur", (_IMAGES, (2, 4)), reference=_blur, gradient=True, label="even"),
    Case(
        "gaussian_blur",
        (_IMAGES, (3, 3), np.array([0.8, 1.2])),
        reference=_blur,
        gradient=True,
        unknown=("images",),
        label="sigma",
    ),
    Case("gaussian_blur", (np.moveaxis(_IMAGES, -1, 1),), _FIRST, reference=_blur, label="channels-first"),
    Case("gaussian_blur", (_IMAGES[0], (9, 1)), reference=_blur, label="one-image"),
    Case("sobel_edges", (9 * _IMAGES,), reference=_sobel, dtypes=NUMBERS, tolerance=20.0, label="batch"),
    Case("sobel_edges", (_IMAGES,), reference=_sobel, gradient=True, label="gradient"),
    Case("sobel_edges", (integers(0, 256, 4, 5, 3, dtype="uint8"),), reference=_sobel, unknown=False, label="bytes"),
    Case("sobel_edges", (np.moveaxis(_IMAGES, -1, 1),), _FIRST, reference=_sobel, label="channels-first"),
    Case("ssim", (_LARGE, _NOISY), reference=_ssim, gradient=True, tolerance=5.0, label="batch"),
    Case("ssim", (_LARGE, _LARGE), reference=_ssim, tolerance=5.0, label="same"),
    Case(
        "ssim",
        (_LARGE[0], _NOISY[0], 2.0, 4, 1.0, 0.02, 0.05),
        reference=_ssim,
        gradient=True,
        unknown=False,
        tolerance=5.0,
        label="options",
    ),
    Case(
        "ssim",
        (np.moveaxis(_LARGE, -1, 1), np.moveaxis(_NOISY, -1, 1)),
        _FIRST,
        reference=_ssim,
        tolerance=5.0,
        label="channels-first",
    ),
    Case(
        "ssim",
        (integers(0, 256, 12, 12, 1, dtype="uint8"), integers(0, 256, 12, 12, 1, dtype="uint8"), 255.0),
        reference=_ssim,
        tolerance=20.0,
        unknown=False,
        label="bytes",
    ),
]
