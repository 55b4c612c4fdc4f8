"""Pixels moved between the spatial axes and the channels of images."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.op import op
from dl_ops.rules import kept
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["depth_to_space", "space_to_depth"]


def _checked(x: Any, block_size: Any, data_format: str | None) -> bool:
    """Whether the channels are the last axis."""
    if not isinstance(block_size, int) or block_size < 2:
        raise ValueError(f"block_size={block_size!r}: expected an integer of at least 2")
    if len(x.shape) != 4:
        raise ValueError(f"x has shape {tuple(x.shape)}: expected 4 dimensions")
    return standardize_data_format(data_format) == "channels_last"


def _divided(size: int | None, divisor: int, what: str) -> int | None:
    if size is not None and size % divisor:
        raise ValueError(f"x has {size} {what}: expected a multiple of {divisor}")
    return None if size is None else size // divisor


def _multiplied(size: int | None, factor: int) -> int | None:
    return None if size is None else size * factor


def _spacious(x: Any, block_size: int, data_format: str | None = "channels_last") -> Shape:
    last = _checked(x, block_size, data_format)
    batch, *rest = x.shape
    spatial = [_multiplied(size, block_size) for size in (rest[:2] if last else rest[1:])]
    channels = _divided(rest[-1] if last else rest[0], block_size**2, "channels")
    return (batch, *spatial, channels) if last else (batch, channels, *spatial)


@op(shape=_spacious, dtype=kept)
def depth_to_space(x: TensorLike, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    """Make a block of pixels of the channels of each pixel.

    Parameters
    ----------
    x : tensor_like, shape (batch, height, width, block_size ** 2 * channels)
        Or ``(batch, block_size ** 2 * channels, height, width)``. The channels of the block's upper left pixel come
        first, in both formats.
    block_size : int
        Height and width of a block, at least 2.
    data_format : {"channels_last", "channels_first"}, default "channels_last"
        ``None`` is ``config.image_data_format()``.

    Returns
    -------
    tensor, shape (batch, block_size * height, block_size * width, channels)
        Or ``(batch, channels, block_size * height, block_size * width)``.

    Raises
    ------
    ValueError
        If `block_size` is less than 2, or `x` does not have such a shape.

    References
    ----------
    Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural
    Network", arXiv:1609.05158.

    Examples
    --------
    >>> depth_to_space([[[[1, 2, 3, 4]]]], 2).tolist()
    [[[[1], [2]], [[3], [4]]]]
    """
    last = _checked(x, block_size, data_format)
    pattern = "b h w (p q c) -> b (h p) (w q) c" if last else "b (p q c) h w -> b c (h p) (w q)"
    return ops.rearrange(x, pattern, p=block_size, q=block_size)


def _deep(x: Any, block_size: int, data_format: str | None = "channels_last") -> Shape:
    last = _checked(x, block_size, data_format)
    batch, *rest = x.shape
    height, width = rest[:2] if last else rest[1:]
    spatial = (_divided(height, block_size, "rows"), _divided(width, block_size, "columns"))
    channels = _multiplied(rest[-1] if last else rest[0], block_size**2)
    return (batch, *spatial, channels) if last else (batch, channels, *spatial)


@op(shape=_deep, dtype=kept)
def space_to_depth(x: TensorLike, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    """Make channels of one pixel of each block of pixels: the inverse of `depth_to_space`.

    Parameters
    ----------
    x : tensor_like, shape (batch, block_size * height, block_size * width, channels)
        Or ``(batch, channels, block_size * height, block_size * width)``.
    block_size : int
        Height and width of a block, at least 2.
    data_format : {"channels_last", "channels_first"}, default "channels_last"
        ``None`` is ``config.image_data_format()``.

    Returns
    -------
    tensor, shape (batch, height, width, block_size ** 2 * channels)
        Or ``(batch, block_size ** 2 * channels, height, width)``.

    Raises
    ------
    ValueError
        If `block_size` is less than 2, or `x` does not have such a shape.

    Examples
    --------
    >>> space_to_depth([[[[1], [2]], [[3], [4]]]], 2).tolist()
    [[[[1, 2, 3, 4]]]]
    """
    last = _checked(x, block_size, data_format)
    pattern = "b (h p) (w q) c -> b h w (p q c)" if last else "b c (h p) (w q) -> b (p q c) h w"
    return ops.rearrange(x, pattern, p=block_size, q=block_size)
