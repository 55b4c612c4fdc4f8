"""What ops on images share: which axes are which, dtypes to compute in, and images in one layout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.typing import Shape


def check_rank(images: Any, name: str = "images") -> int:
    """Number of dimensions of an image or a batch of images.

    Raises
    ------
    ValueError
        If it is neither; the message calls it `name`.
    """
    rank = len(images.shape)
    if rank not in (3, 4):
        raise ValueError(f"{name} have shape {tuple(images.shape)}: expected an image of 3 dimensions or a batch of 4")
    return rank


def spatial_axes(images: Any, data_format: str | None, name: str = "images") -> tuple[int, int]:
    """Axes of the height and the width of an image or a batch of images."""
    rank = check_rank(images, name)
    return (rank - 3, rank - 2) if standardize_data_format(data_format) == "channels_last" else (rank - 2, rank - 1)


def with_sizes(shape: Any, axes: tuple[int, ...], sizes: Any) -> Shape:
    """A shape with other sizes along some axes."""
    replaced = dict(zip(axes, sizes, strict=True))
    return tuple(replaced.get(axis, size) for axis, size in enumerate(shape))


def compute_dtype(*tensors: Any) -> str:
    """Dtype to interpolate and filter in: float64 if a tensor has it, else float32."""
    return "float64" if any(standardize_dtype(x.dtype) == "float64" for x in tensors) else "float32"


def to_dtype(x: Any, dtype: str) -> Any:
    """`x` in another dtype; for integers rounded, and limited to their range."""
    return ops.cast(x, dtype) if is_float(dtype) else ops.saturate_cast(ops.round(x), dtype)


class Batch(NamedTuple):
    """Images in one layout, and the way back."""

    images: Any
    """Of shape (batch, height, width, channels)."""

    restore: Callable[[Any], Any]
    """From that layout to the one that the images came in."""


def as_batch(images: Any, data_format: str | None) -> Batch:
    """An image, or a batch of images, as a batch with the channels last."""
    single = check_rank(images) == 3
    first = standardize_data_format(data_format) == "channels_first"
    x = ops.expand_dims(images, 0) if single else images

    def restore(y: Any) -> Any:
        y = ops.moveaxis(y, -1, 1) if first else y
        return ops.squeeze(y, 0) if single else y

    return Batch(ops.moveaxis(x, 1, -1) if first else x, restore)


def positions(x: Any, axis: int, dtype: str) -> Any:
    """Numbers from 0 up to the size of an axis, which may be unknown, along that axis of `x`."""
    rank = len(x.shape)
    size = x.shape[axis]
    if size is not None:
        return np.arange(size, dtype=dtype).reshape([-1 if i == axis else 1 for i in range(rank)])
    line = x[tuple(slice(None) if i == axis else slice(0, 1) for i in range(rank))]
    return ops.subtract(ops.cumsum(ops.ones_like(line, dtype=dtype), axis=axis), 1)


def extent(x: Any, axis: int, dtype: str) -> Any:
    """Size of an axis: a tensor, without dimensions, if it is unknown."""
    size = x.shape[axis]
    if size is not None:
        return size
    line = x[tuple(slice(None) if i == axis else slice(0, 1) for i in range(len(x.shape)))]
    return ops.sum(ops.ones_like(line, dtype=dtype))
