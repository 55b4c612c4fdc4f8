"""Images of other sizes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, cast

import numpy as np

from dl_ops import ops
from dl_ops.dtypes import standardize_dtype
from dl_ops.image.kernels import KERNELS, interpolation_weights
from dl_ops.image.layout import compute_dtype, extent, positions, spatial_axes, to_dtype, with_sizes
from dl_ops.op import op
from dl_ops.rules import kept, product
from dl_ops.typing import Array, Shape, Tensor, TensorLike

__all__ = ["resize"]


_INTERPOLATIONS: Final = ("nearest", *KERNELS)

# elements behind an axis from which on products along it are quick as they are
_WIDE: Final = 16


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
    places = (np.arange(target)[:, None] + 0.5) * scale - 0.5
    width = max(scale, 1.0) if antialias else 1.0
    weights: Array = interpolation_weights(np, places, np.arange(size), KERNELS[interpolation], width)
    weights.flags.writeable = False
    return weights


def nearest_pixels(size: Any, target: int) -> Any:
    """Index of the pixel that each of `target` new ones is a copy of; an array, or a tensor if `size` is one.

    Examples
    --------
    >>> nearest_pixels(2, 5).tolist()
    [0, 0, 1, 1, 1]
    """
    # in integers, so that no rounding decides between two pixels
    odd = (2 * np.arange(target) + 1).astype("int32")
    if isinstance(size, int):
        return (odd * size // (2 * target)).astype("int32")
    return ops.floor_divide(ops.multiply(odd, size), 2 * target)


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
    axes = spatial_axes(images, data_format)
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(f"interpolation={interpolation!r}: expected one of {_INTERPOLATIONS}")
    if fill_mode != "constant":
        raise ValueError(f"fill_mode={fill_mode!r}: expected 'constant'")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("crop_to_aspect_ratio=True and pad_to_aspect_ratio=True: expected one of them at most")
    if len(size) != 2 or any(int(n) < 1 for n in size):
        raise ValueError(f"size={size!r}: expected a height and a width")
    return with_sizes(images.shape, axes, [int(n) for n in size])


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
        If an option is none of the above, or images of unknown size are to be cut or padded.

    References
    ----------
    Keys, "Cubic convolution interpolation for digital image processing", IEEE TASSP 29(6), 1981.

    Examples
    --------
    >>> images = ops.reshape([0.0, 4.0], (1, 1, 2, 1))
    >>> ops.squeeze(resize(images, (1, 4))).tolist()
    [0.0, 1.0, 3.0, 4.0]
    """
    options = (interpolation, antialias, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_mode, fill_value)
    _resized(images, size, *options, data_format)
    target = (int(size[0]), int(size[1]))
    axes = spatial_axes(images, data_format)
    x: Any = images
    if crop_to_aspect_ratio or pad_to_aspect_ratio:
        height, width = (x.shape[axis] for axis in axes)
        if height is None or width is None:
            raise ValueError(
                f"resize(): images of unknown size, shape {tuple(x.shape)}, cannot keep their aspect ratio"
            )
        # the height that goes with the width in the new ratio, and the other way round
        ideal = (int(width * target[0] / target[1]), int(height * target[1] / target[0]))
        adjust = _crop if crop_to_aspect_ratio else _pad
        x = adjust(x, axes, (height, width), ideal, fill_value)
    dtype, compute = standardize_dtype(x.dtype), compute_dtype(x)
    if interpolation == "nearest":
        for axis, n in zip(axes, target, strict=True):
            x = ops.take(x, nearest_pixels(extent(x, axis, "int32"), n), axis=axis)
        return cast(Tensor, x)
    x = ops.cast(x, compute)
    for axis, n in zip(axes, target, strict=True):
        if x.shape[axis] is None:
            x = along(x, _weights_of_unknown_size(x, axis, n, interpolation, antialias), axis)
        elif x.shape[axis] != n:
            x = along(x, resize_weights(x.shape[axis], n, interpolation, antialias).astype(compute), axis)
    return cast(Tensor, to_dtype(x, dtype))


def _weights_of_unknown_size(x: Any, axis: int, target: int, interpolation: str, antialias: bool) -> Any:
    """`resize_weights` as a tensor, for an axis of unknown size."""
    dtype = standardize_dtype(x.dtype)
    scale = ops.divide(extent(x, axis, dtype), target)
    middles = (np.arange(target, dtype=dtype) + 0.5)[:, None]
    places = ops.subtract(ops.multiply(middles, scale), 0.5)
    pixels = ops.reshape(positions(x, axis, dtype), (-1,))
    width = ops.maximum(scale, 1.0) if antialias else 1.0
    return interpolation_weights(ops, places, pixels, KERNELS[interpolation], width)


def along(x: Any, weights: Any, axis: int) -> Any:
    """Multiply a matrix with `x` along an axis."""
    sizes = tuple(x.shape)
    rest = (*sizes[:axis], *sizes[axis + 1 :])
    if sizes[axis] is None or rest.count(None) > 1:
        # as many products as there are other rows, so that no other size needs to be known
        return ops.moveaxis(ops.matmul(weights, ops.moveaxis(x, axis, -2)), -2, axis)
    after = product(sizes[axis + 1 :])
    if axis == 0 or (after is not None and after >= _WIDE):
        y = ops.matmul(weights, ops.reshape(x, (product(sizes[:axis]), sizes[axis], after)))
        return ops.reshape(y, (*sizes[:axis], weights.shape[0], *sizes[axis + 1 :]))
    # one product of large matrices rather than many of a few channels
    rows = ops.reshape(ops.moveaxis(x, axis, -1), (-1, sizes[axis]))
    y = ops.reshape(ops.matmul(rows, ops.transpose(weights)), (*rest, weights.shape[0]))
    return ops.moveaxis(y, -1, axis)


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
