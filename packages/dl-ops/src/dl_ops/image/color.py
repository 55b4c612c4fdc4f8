"""Colours."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.dtypes import is_float, numpy_dtype, standardize_dtype
from dl_ops.op import op
from dl_ops.rules import kept
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["rgb_to_grayscale"]

# luma of ITU-R BT.601
_LUMA = (0.2989, 0.587, 0.114)


def _channel_axis(images: Any, data_format: str | None) -> int:
    if len(images.shape) not in (3, 4):
        raise ValueError(f"images have shape {tuple(images.shape)}: expected an image of 3 dimensions or a batch of 4")
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
