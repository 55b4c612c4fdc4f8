"""Colours."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.dtypes import is_float, numpy_dtype, standardize_dtype
from dl_ops.image.layout import check_rank
from dl_ops.op import op
from dl_ops.rules import kept
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["hsv_to_rgb", "rgb_to_grayscale", "rgb_to_hsv"]

# luma of ITU-R BT.601
_LUMA = (0.2989, 0.587, 0.114)


def _channel_axis(images: Any, data_format: str | None) -> int:
    check_rank(images)
    axis = -1 if standardize_data_format(data_format) == "channels_last" else -3
    if images.shape[axis] not in (3, None):
        raise ValueError(f"images have {images.shape[axis]} channels: expected red, green and blue")
    return axis


def _gray_shape(images: Any, data_format: str | None = None) -> Shape:
    axis = _channel_axis(images, data_format) + len(images.shape)
    return tuple(1 if i == axis else size for i, size in enumerate(images.shape))


@op(shape=_gray_shape, dtype=kept)
def rgb_to_grayscale(images: TensorLike, data_format: str | None = None) -> Tensor:
    """Brightness of colour images: ``0.2989 * red + 0.587 * green + 0.114 * blue``.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, 3) or ([batch,] 3, height, width)
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor
        With one channel and the dtype of `images`.

    Raises
    ------
    ValueError
        If there are not three channels.

    References
    ----------
    Recommendation ITU-R BT.601.

    Examples
    --------
    >>> rgb_to_grayscale([[[0.0, 1.0, 0.0]]]).tolist()
    [[[0.587...]]]
    """
    axis = _channel_axis(images, data_format)
    dtype = standardize_dtype(cast(Tensor, images).dtype)
    compute = dtype if is_float(dtype) else "float32"
    weights = np.asarray(_LUMA, numpy_dtype(compute)).reshape((3,) if axis == -1 else (3, 1, 1))
    gray = ops.sum(ops.multiply(ops.cast(images, compute), weights), axis=axis, keepdims=True)
    return ops.cast(gray, dtype)


def _converted(images: Any, data_format: str | None = None) -> Shape:
    _channel_axis(images, data_format)
    if not is_float(standardize_dtype(images.dtype)):
        raise ValueError(f"images have dtype {standardize_dtype(images.dtype)}: expected a float dtype")
    return tuple(images.shape)


def _channels(images: Any, axis: int) -> list[Any]:
    rest = () if axis == -1 else (slice(None), slice(None))
    return [images[(..., i, *rest)] for i in range(3)]


@op(shape=_converted, dtype=kept)
def rgb_to_hsv(images: TensorLike, data_format: str | None = None) -> Tensor:
    """Hue, saturation and value of colours.

    The value is the largest of red, green and blue; the saturation the share of it by which it exceeds the smallest;
    the hue runs once around the circle from red, 0, over green, 1/3, and blue, 2/3.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, 3) or ([batch,] 3, height, width)
        Red, green and blue from 0 to 1; of a float dtype.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor
        Of the shape and dtype of `images`; all from 0 to 1. Greys have hue 0, black has saturation 0.

    Raises
    ------
    ValueError
        If there are not three channels, or the dtype is no float.

    References
    ----------
    Smith, "Color gamut transform pairs", SIGGRAPH 1978.

    Examples
    --------
    >>> rgb_to_hsv([[[0.0, 0.5, 0.0]]]).tolist()
    [[[0.333..., 1.0, 0.5]]]
    """
    _converted(images, data_format)
    axis = _channel_axis(images, data_format)
    red, green, blue = _channels(images, axis)
    value = ops.maximum(ops.maximum(red, green), blue)
    chroma = ops.subtract(value, ops.minimum(ops.minimum(red, green), blue))
    # divisors are replaced where they are not used, lest their gradients be NaN
    saturation = ops.where(ops.greater(value, 0), ops.divide(chroma, ops.where(ops.greater(value, 0), value, 1.0)), 0.0)
    grey = ops.equal(chroma, 0)
    divisor = ops.where(grey, 1.0, ops.multiply(6.0, chroma))
    from_red = ops.divide(ops.subtract(green, blue), divisor)
    hue = ops.where(
        ops.equal(value, red),
        ops.where(ops.less(from_red, 0), ops.add(from_red, 1.0), from_red),
        ops.where(
            ops.equal(value, green),
            ops.add(ops.divide(ops.subtract(blue, red), divisor), 1 / 3),
            ops.add(ops.divide(ops.subtract(red, green), divisor), 2 / 3),
        ),
    )
    return ops.stack([ops.where(grey, 0.0, hue), saturation, value], axis=axis)


@op(shape=_converted, dtype=kept)
def hsv_to_rgb(images: TensorLike, data_format: str | None = None) -> Tensor:
    """Red, green and blue of colours given by hue, saturation and value: the inverse of `rgb_to_hsv`.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, 3) or ([batch,] 3, height, width)
        From 0 to 1, and of a float dtype; a hue beyond goes round the circle again.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor
        Of the shape and dtype of `images`.

    Raises
    ------
    ValueError
        If there are not three channels, or the dtype is no float.

    References
    ----------
    Smith, "Color gamut transform pairs", SIGGRAPH 1978.

    Examples
    --------
    >>> hsv_to_rgb([[[0.5, 1.0, 0.5]]]).tolist()
    [[[0.0, 0.5, 0.5]]]
    """
    _converted(images, data_format)
    axis = _channel_axis(images, data_format)
    hue, saturation, value = _channels(images, axis)
    sixth = ops.mod(ops.multiply(hue, 6.0), 6.0)

    def strength(low: float, sign: float, centre: float) -> Any:
        """Of a channel, from 0 to 1, by how far the hue is from the middle of its range."""
        away = ops.absolute(ops.subtract(sixth, centre))
        return ops.clip(ops.add(low, ops.multiply(sign, away)), 0.0, 1.0)

    shares = [strength(-1.0, 1.0, 3.0), strength(2.0, -1.0, 2.0), strength(2.0, -1.0, 4.0)]
    missing = [ops.multiply(saturation, ops.subtract(1.0, share)) for share in shares]
    return ops.stack([ops.multiply(value, ops.subtract(1.0, part)) for part in missing], axis=axis)
