"""Images of other sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, cast

import numpy as np

from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.op import op
from dl_ops.rules import kept
from dl_ops.typing import Array, Shape, Tensor, TensorLike

__all__ = ["resize"]


def _triangle(x: Array) -> Array:
    weights: Array = np.maximum(1 - x, 0)
    return weights


def _cubic(x: Array) -> Array:
    """Keys's interpolation kernel with a = -1/2."""
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def _lanczos(lobes: int) -> Callable[[Array], Array]:
    return lambda x: np.where(x < lobes, np.sinc(x) * np.sinc(x / lobes), 0)


# weight of a pixel by its distance, in pixels, from where the image is sampled
_KERNELS: Final[dict[str, Callable[[Array], Array]]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}
_INTERPOLATIONS: Final = ("nearest", *_KERNELS)


@lru_cache(maxsize=256)
def resize_weights(size: int, target: int, interpolation: str, antialias: bool) -> Array:
    """Weights of `size` pixels in each of `target` new ones; a row sums to 1.

    Parameters
    ----------
    size, target : int
        Number of pixels before and after.
    interpolation : {"bilinear", "bicubic", "lanczos3", "lanczos5"}
    antialias : bool
        Widen the kernel where the image shrinks, so that every pixel counts.

    Returns
    -------
    numpy.ndarray of float64, shape (target, size)

    Examples
    --------
    >>> resize_weights(2, 4, "bilinear", False).tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    scale = size / target
    places = (np.arange(target) + 0.5) * scale - 0.5
    distances = np.abs(places[:, None] - np.arange(size)) / (max(scale, 1.0) if antialias else 1.0)
    unscaled = _KERNELS[interpolation](distances)
    weights: Array = unscaled / unscaled.sum(axis=1, keepdims=True)
    weights.flags.writeable = False
    return weights


def nearest_pixels(size: int, target: int) -> Array:
    """Index of the pixel that each of `target` new ones is a copy of.

    Examples
    --------
    >>> nearest_pixels(2, 5).tolist()
    [0, 0, 1, 1, 1]
    """
    # in integers, so that no rounding decides between two pixels
    pixels: Array = (2 * np.arange(target) + 1) * size // (2 * target)
    return pixels.astype("int32")


def _spatial_axes(images: Any, data_format: str | None) -> tuple[int, int]:
    rank = len(images.shape)
    if rank not in (3, 4):
        raise ValueError(f"images have shape {tuple(images.shape)}: expected an image of 3 dimensions or a batch of 4")
    return (rank - 3, rank - 2) if standardize_data_format(data_format) == "channels_last" else (rank - 2, rank - 1)


def _resized(
    images: Any,
    size: Any,
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Shape:
    axes = _spatial_axes(images, data_format)
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(f"interpolation={interpolation!r}: expected one of {_INTERPOLATIONS}")
    if fill_mode != "constant":
        raise ValueError(f"fill_mode={fill_mode!r}: expected 'constant'")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("crop_to_aspect_ratio=True and pad_to_aspect_ratio=True: expected one of them at most")
    if len(size) != 2 or any(int(n) < 1 for n in size):
        raise ValueError(f"size={size!r}: expected a height and a width")
    sizes = dict(zip(axes, (int(n) for n in size), strict=True))
    return tuple(sizes.get(i, n) for i, n in enumerate(images.shape))


@op(shape=_resized, dtype=kept)
def resize(
    images: TensorLike,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """Images scaled to another height and width.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, channels) or ([batch,] channels, height, width)
        Of known height and width.
    size : (int, int)
        The new height and width, in pixels.
    interpolation : {"bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"}
        Bicubic is Keys's kernel with a = -1/2. Pixels have their centres at half-integer positions.
    antialias : bool, default False
        Average over all pixels where images shrink; does not concern ``"nearest"``.
    crop_to_aspect_ratio : bool, default False
        First cut images at both sides to the new ratio of height and width.
    pad_to_aspect_ratio : bool, default False
        First pad images at both sides to the new ratio.
    fill_mode : {"constant"}
    fill_value : float, default 0.0
        What is padded with.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor
        Of the dtype of `images`; integers are rounded, and limited to the dtype's range.

    Raises
    ------
    ValueError
        If an option is none of the above, or the height or width is unknown.

    References
    ----------
    Keys, "Cubic convolution interpolation for digital image processing", IEEE TASSP 29(6), 1981.

    Examples
    --------
    >>> images = ops.reshape([0.0, 4.0], (1, 1, 2, 1))
    >>> ops.squeeze(resize(images, (1, 4))).tolist()
    [0.0, 1.0, 3.0, 4.0]
    """
    target = (int(size[0]), int(size[1]))
    axes = _spatial_axes(images, data_format)
    x: Any = images
    height, width = (x.shape[axis] for axis in axes)
    if height is None or width is None:
        raise ValueError(f"resize(): images of unknown size, shape {tuple(x.shape)}, cannot be resized")
    if crop_to_aspect_ratio or pad_to_aspect_ratio:
        # the height that goes with the width in the new ratio, and the other way round
        ideal = (int(width * target[0] / target[1]), int(height * target[1] / target[0]))
        adjust = _crop if crop_to_aspect_ratio else _pad
        x = adjust(x, axes, (height, width), ideal, fill_value)
    dtype = standardize_dtype(x.dtype)
    compute = dtype if dtype == "float64" else "float32"
    if interpolation == "nearest":
        for axis, n in zip(axes, target, strict=True):
            x = ops.take(x, nearest_pixels(x.shape[axis], n), axis=axis)
        return cast(Tensor, x)
    x = ops.cast(x, compute)
    for axis, n in zip(axes, target, strict=True):
        if x.shape[axis] != n:
            x = _along(x, resize_weights(x.shape[axis], n, interpolation, antialias).astype(compute), axis)
    return cast(Tensor, _to_dtype(x, dtype))


def _along(x: Any, weights: Array, axis: int) -> Any:
    """Multiply a matrix with `x` along an axis."""
    shape = [-1 if size is None else size for size in x.shape]
    after = int(np.prod(shape[axis + 1 :])) if -1 not in shape[axis + 1 :] else -1
    y = ops.matmul(weights, ops.reshape(x, (-1, shape[axis], after)))
    shape[axis] = weights.shape[0]
    return ops.reshape(y, shape)


def _crop(images: Any, axes: tuple[int, int], sizes: tuple[int, int], ideal: tuple[int, int], fill_value: float) -> Any:
    for axis, size, wanted in zip(axes, sizes, ideal, strict=True):
        kept_size = max(min(size, wanted), 1)
        start = (size - kept_size) // 2
        images = images[(slice(None),) * axis + (slice(start, start + kept_size),)]
    return images


def _pad(images: Any, axes: tuple[int, int], sizes: tuple[int, int], ideal: tuple[int, int], fill_value: float) -> Any:
    pads = [(0, 0)] * len(images.shape)
    for axis, size, wanted in zip(axes, sizes, ideal, strict=True):
        added = max(wanted - size, 0)
        # an odd pixel is left out, as in Keras
        pads[axis] = (added // 2, added // 2)
    return ops.pad(images, pads, mode="constant", constant_values=fill_value)


def _to_dtype(x: Any, dtype: str) -> Any:
    return ops.cast(x, dtype) if is_float(dtype) else ops.saturate_cast(ops.round(x), dtype)
