"""Images cut smaller, and made larger by a border."""

from __future__ import annotations

from typing import Any, cast

from dl_ops import ops
from dl_ops.image.layout import spatial_axes, with_sizes
from dl_ops.op import op
from dl_ops.rules import kept
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["crop_images", "pad_images"]


def _checked(before: int | None, after: int | None, target: int | None, names: tuple[str, str, str]) -> None:
    given = dict(zip(names, (before, after, target), strict=True))
    text = ", ".join(f"{name}={value!r}" for name, value in given.items())
    if sum(value is not None for value in given.values()) != 2:
        raise ValueError(f"{text}: give exactly two of the three")
    if any(value is not None and value < 0 for value in given.values()):
        raise ValueError(f"{text}: expected numbers that are not negative")


def _names(change: str) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    return (f"top_{change}", f"bottom_{change}", "target_height"), (f"left_{change}", f"right_{change}", "target_width")


def _crops(images: Any, axes: Any, height: Any, width: Any) -> list[tuple[int | None, int | None]]:
    """Start and stop along each of the axes."""
    parts: list[tuple[int | None, int | None]] = []
    for axis, (before, after, target), names in zip(axes, (height, width), _names("cropping"), strict=True):
        _checked(before, after, target, names)
        size = images.shape[axis]
        cut = sum(n for n in (before, after, target) if n is not None)
        if size is not None and cut > size:
            raise ValueError(
                f"{names[0]}={before!r}, {names[1]}={after!r}, {names[2]}={target!r}: expected at most the {size} "
                f"pixels that images of shape {tuple(images.shape)} have"
            )
        if before is None:
            start, stop = (size - cut, size - after) if size is not None else (-cut or None, -after or None)
            if size is None and not target:
                start = stop = 0
        elif after is None:
            start, stop = before, before + target
        else:
            start, stop = before, -after or None
        parts.append((start, stop))
    return parts


def _cropped(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Shape:
    axes = spatial_axes(images, data_format)
    height, width = (top_cropping, bottom_cropping, target_height), (left_cropping, right_cropping, target_width)
    _crops(images, axes, height, width)
    sizes = []
    for axis, (before, after, target) in zip(axes, (height, width), strict=True):
        size = images.shape[axis]
        left = None if size is None or target is not None else size - before - after
        sizes.append(left if target is None else target)
    return with_sizes(images.shape, axes, sizes)


@op(shape=_cropped, dtype=kept)
def crop_images(
    images: TensorLike,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Part of images.

    Of the top, the bottom and the target height, exactly two are given, and so for the width.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, channels) or ([batch,] channels, height, width)
    top_cropping, left_cropping, bottom_cropping, right_cropping : int, optional
        How many rows or columns to leave out on a side.
    target_height, target_width : int, optional
        Of the part.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor
        Of the dtype of `images`.

    Raises
    ------
    ValueError
        If other than two numbers are given, one is negative, or the part is not inside the images.

    Examples
    --------
    >>> images = ops.reshape(ops.arange(6), (2, 3, 1))
    >>> ops.squeeze(crop_images(images, 1, 1, target_height=1, target_width=2)).tolist()
    [4, 5]
    """
    x = cast(Tensor, images)
    axes = spatial_axes(x, data_format)
    height, width = (top_cropping, bottom_cropping, target_height), (left_cropping, right_cropping, target_width)
    parts = dict(zip(axes, _crops(x, axes, height, width), strict=True))
    return cast(Tensor, x[tuple(slice(*parts.get(axis, (None,))) for axis in range(len(x.shape)))])


def _pads(images: Any, axes: Any, height: Any, width: Any) -> list[tuple[int, int]]:
    pairs = []
    for axis, (before, after, target), names in zip(axes, (height, width), _names("padding"), strict=True):
        _checked(before, after, target, names)
        if target is not None:
            size = images.shape[axis]
            if size is None:
                raise ValueError(f"{names[2]}={target}: images of unknown size, shape {tuple(images.shape)}")
            rest = target - size - (before if after is None else after)
            if rest < 0:
                raise ValueError(
                    f"{names[0]}={before!r}, {names[1]}={after!r}, {names[2]}={target}: images of shape "
                    f"{tuple(images.shape)} with that padding do not fit"
                )
            before, after = (before, rest) if after is None else (rest, after)
        pairs.append((before, after))
    return pairs


def _padded(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Shape:
    axes = spatial_axes(images, data_format)
    height, width = (top_padding, bottom_padding, target_height), (left_padding, right_padding, target_width)
    sizes = [
        None if images.shape[axis] is None else images.shape[axis] + sum(pair)
        for axis, pair in zip(axes, _pads(images, axes, height, width), strict=True)
    ]
    return with_sizes(images.shape, axes, sizes)


@op(shape=_padded, dtype=kept)
def pad_images(
    images: TensorLike,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Images with rows and columns of zeros around them.

    Of the top, the bottom and the target height, exactly two are given, and so for the width.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, channels) or ([batch,] channels, height, width)
    top_padding, left_padding, bottom_padding, right_padding : int, optional
        How many rows or columns to add on a side.
    target_height, target_width : int, optional
        Of the result; the size of `images` must be known.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor
        Of the dtype of `images`.

    Raises
    ------
    ValueError
        If other than two numbers are given, one is negative, or the images do not fit.

    Examples
    --------
    >>> ops.squeeze(pad_images(ops.ones((1, 2, 1)), 0, 1, target_height=2, target_width=4)).tolist()
    [[0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """
    x = cast(Tensor, images)
    axes = spatial_axes(x, data_format)
    height, width = (top_padding, bottom_padding, target_height), (left_padding, right_padding, target_width)
    pairs = dict(zip(axes, _pads(x, axes, height, width), strict=True))
    return ops.pad(x, [pairs.get(axis, (0, 0)) for axis in range(len(x.shape))])
