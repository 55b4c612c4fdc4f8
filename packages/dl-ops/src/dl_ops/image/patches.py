"""Windows of images and volumes, each as one vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from dl_ops import ops
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.image.layout import compute_dtype
from dl_ops.nn.windows import Windows, windows
from dl_ops.op import op
from dl_ops.rules import kept
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["extract_patches", "extract_patches_3d"]


class _OfShape:
    """Stand-in for a tensor of which only the shape counts."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape


def _plan(
    images: Any, size: Any, strides: Any, dilation_rate: Any, padding: str, data_format: str | None, rank: int
) -> tuple[Windows, bool]:
    """Windows of a batch of images, and whether the images are a single one."""
    shape = tuple(images.shape)
    if len(shape) not in (rank + 1, rank + 2):
        raise ValueError(
            f"images have shape {shape}: expected {rank + 1} dimensions, or {rank + 2} of a batch, for size={size!r}"
        )
    single = len(shape) == rank + 1
    batch = _OfShape((1, *shape) if single else shape)
    return windows(batch, size, strides, padding, data_format, dilation_rate, name="size"), single


def _rank(size: Any) -> int:
    """Number of spatial axes."""
    if hasattr(size, "__index__"):
        return 2
    if len(size) not in (2, 3):
        raise ValueError(f"size={size!r}: expected an integer, or two or three of them")
    return len(size)


def _patched(
    images: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    *,
    rank: int | None = None,
) -> Shape:
    w, single = _plan(images, size, strides, dilation_rate, padding, data_format, rank or _rank(size))
    shape = (1, *images.shape) if single else tuple(images.shape)
    channels = w.channels(shape)
    entries = None if channels is None else channels * int(np.prod(w.size))
    patches = w.shape(shape[0], w.output(w.spatial(shape)), entries)
    return patches[1:] if single else patches


@op(shape=_patched, dtype=kept)
def extract_patches(
    images: TensorLike,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """All windows of images, or of volumes, each with its pixels in one vector.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] *spatial, channels) or ([batch,] channels, *spatial)
        With two spatial axes, or three if `size` has three entries.
    size : int or sequence of int
        Of the windows.
    strides : int or sequence of int, optional
        Distance from one window to the next; by default `size`.
    dilation_rate : int or sequence of int, default 1
        Distance from one pixel of a window to the next.
    padding : {"valid", "same"}
        As for `conv`.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor, shape ([batch,] *windows, pixels * channels) or ([batch,] pixels * channels, *windows)
        The channels of a window's first pixel come first. Of the dtype of `images`.

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.

    Examples
    --------
    >>> images = ops.reshape(ops.arange(8), (2, 4, 1))
    >>> extract_patches(images, 2).tolist()
    [[[0, 1, 4, 5], [2, 3, 6, 7]]]
    """
    rank = _rank(size)
    w, single = _plan(images, size, strides, dilation_rate, padding, data_format, rank)
    return cast(Tensor, _patches(ops.expand_dims(images, 0) if single else images, w, single))


def _volumes(volumes: Any, size: Any, *options: Any, **more: Any) -> Shape:
    if not hasattr(size, "__index__") and len(size) != 3:
        raise TypeError(f"size={size!r}: expected an integer or three of them")
    return _patched(volumes, size, *options, rank=3, **more)


@op(shape=_volumes, dtype=kept)
def extract_patches_3d(
    volumes: TensorLike,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """All windows of volumes, each with its voxels in one vector.

    Parameters
    ----------
    volumes : tensor_like, shape ([batch,] depth, height, width, channels) or ([batch,] channels, depth, height, width)
    size, strides, dilation_rate, padding, data_format
        As for `extract_patches`.

    Returns
    -------
    tensor, shape ([batch,] *windows, voxels * channels) or ([batch,] voxels * channels, *windows)

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.
    TypeError
        If `size` has other than three entries.

    Examples
    --------
    >>> extract_patches_3d(ops.ones((4, 4, 4, 2)), 2).shape
    (2, 2, 2, 16)
    """
    if not hasattr(size, "__index__") and len(size) != 3:
        raise TypeError(f"extract_patches_3d(size={size!r}): expected an integer or three of them")
    w, single = _plan(volumes, size, strides, dilation_rate, padding, data_format, 3)
    return cast(Tensor, _patches(ops.expand_dims(volumes, 0) if single else volumes, w, single))


def _patches(x: Any, w: Windows, single: bool) -> Any:
    spatial = w.spatial(tuple(x.shape))
    if None in spatial or w.channels(tuple(x.shape)) is None:
        return _squeezed(_convolved(x, w), single)
    x = x if w.channels_last else ops.moveaxis(x, 1, -1)
    rank, channels = len(w.size), x.shape[-1]
    counts = cast("tuple[int, ...]", w.output(spatial))
    pads = w.padding(cast("tuple[int, ...]", spatial))
    if any(low or high for low, high in pads):
        x = ops.pad(x, [(0, 0), *pads, (0, 0)])
    if w.strides == w.size and set(w.dilation) == {1}:
        # windows side by side: a matter of axes alone
        x = x[(slice(None), *(slice(0, n * k) for n, k in zip(counts, w.size, strict=True)))]
    else:
        for axis, (n, k, step, spread) in enumerate(zip(counts, w.size, w.strides, w.dilation, strict=True), start=1):
            places = np.arange(n)[:, None] * step + np.arange(k) * spread
            x = ops.take(x, places.reshape(-1).astype("int32"), axis=axis)
    x = ops.reshape(x, (-1, *(m for pair in zip(counts, w.size, strict=True) for m in pair), channels))
    order = (0, *range(1, 2 * rank, 2), *range(2, 2 * rank + 1, 2), 2 * rank + 1)
    x = ops.reshape(ops.transpose(x, order), (-1, *counts, channels * int(np.prod(w.size))))
    return _squeezed(x if w.channels_last else ops.moveaxis(x, -1, 1), single)


def _squeezed(x: Any, single: bool) -> Any:
    return ops.squeeze(x, 0) if single else x


def _convolved(x: Any, w: Windows) -> Any:
    """Patches of images of unknown size: a convolution with a kernel for each pixel and channel."""
    channels = w.channels(tuple(x.shape))
    if channels is None:
        raise ValueError(f"images of shape {tuple(x.shape)}: the number of channels must be known")
    dtype, compute = standardize_dtype(x.dtype), compute_dtype(x)
    count = int(np.prod(w.size)) * channels
    kernel = np.eye(count, dtype=compute).reshape(*w.size, channels, count)
    y = ops.conv(
        ops.cast(x, compute if not is_float(dtype) else dtype),
        kernel if not is_float(dtype) else ops.cast(kernel, dtype),
        w.strides,
        "same" if w.same else "valid",
        "channels_last" if w.channels_last else "channels_first",
        w.dilation,
    )
    return ops.cast(y, dtype)
