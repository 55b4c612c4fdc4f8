"""Poolings to a given size, in one to three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.core.tensors import known_size, ndim
from dl_ops.nn.gathering import side_by_side, taken
from dl_ops.nn.windows import per_axis
from dl_ops.op import op
from dl_ops.rules import floating, promoted
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["adaptive_average_pool", "adaptive_max_pool"]


def adaptive_sizes(inputs: Any, output_size: Any, data_format: str | None = None) -> tuple[int, tuple[int, ...]]:
    """First spatial axis, and the size to pool each of them to.

    Raises
    ------
    ValueError
        If there are not one to three spatial axes, one is empty, or `output_size` does not fit them.
    """
    rank = len(inputs.shape) - 2
    if rank not in (1, 2, 3):
        raise ValueError(f"inputs have shape {tuple(inputs.shape)}: expected 3, 4 or 5 dimensions")
    first = 1 if standardize_data_format(data_format) == "channels_last" else 2
    if 0 in tuple(inputs.shape)[first : first + rank]:
        raise ValueError(f"inputs have shape {tuple(inputs.shape)}: expected spatial axes that are not empty")
    return first, per_axis(output_size, rank, "output_size")


def _pooled(inputs: Any, output_size: Any, data_format: str | None = None) -> Shape:
    first, sizes = adaptive_sizes(inputs, output_size, data_format)
    shape = tuple(inputs.shape)
    return (*shape[:first], *sizes, *shape[first + len(sizes) :])


def _windows(size: int, count: int) -> list[range]:
    """Places of each of so many windows that cover an axis, as even as can be."""
    return [range(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


@op(shape=_pooled, dtype=floating)
def adaptive_average_pool(
    inputs: TensorLike, output_size: int | Sequence[int], data_format: str | None = None
) -> Tensor:
    """Mean over windows that are chosen such that there are `output_size` of them.

    Window `i` of `n` over `size` pixels begins at ``floor(i * size / n)`` and ends before ``ceil((i + 1) * size / n)``.

    Parameters
    ----------
    inputs : tensor_like, shape (batch, *spatial, channels) or (batch, channels, *spatial)
        As `data_format` says, with one to three spatial axes.
    output_size : int or sequence of int
        Number of windows along each spatial axis. It may be larger than the image.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor, shape (batch, *output_size, channels) or (batch, channels, *output_size)

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.

    Examples
    --------
    >>> x = ops.reshape([1.0, 2.0, 3.0, 4.0, 5.0], (1, 5, 1))
    >>> ops.squeeze(adaptive_average_pool(x, 2)).tolist()
    [2.0, 4.0]
    """
    first, sizes = adaptive_sizes(inputs, output_size, data_format)
    y = inputs
    for axis, count in enumerate(sizes, first):
        size = known_size(y, axis)
        if size == count:
            continue
        windows = _windows(size, count)
        total = ops.sum(taken(y, axis, side_by_side(windows), size), axis=axis + 1)
        lengths = np.reshape([len(window) for window in windows], (-1, *(1,) * (ndim(y) - axis - 1)))
        y = ops.divide(total, ops.cast(lengths, total.dtype))
    return y  # type: ignore[return-value]  # dispatch has made it a tensor


@op(shape=_pooled, dtype=promoted)
def adaptive_max_pool(inputs: TensorLike, output_size: int | Sequence[int], data_format: str | None = None) -> Tensor:
    """Maximum over windows that are chosen such that there are `output_size` of them.

    Parameters
    ----------
    inputs, output_size, data_format
        As for `adaptive_average_pool`.

    Returns
    -------
    tensor, shape (batch, *output_size, channels) or (batch, channels, *output_size)

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.

    Examples
    --------
    >>> x = ops.reshape([1.0, 2.0, 3.0, 4.0, 5.0], (1, 5, 1))
    >>> ops.squeeze(adaptive_max_pool(x, 2)).tolist()
    [3.0, 5.0]
    """
    first, sizes = adaptive_sizes(inputs, output_size, data_format)
    y = inputs
    for axis, count in enumerate(sizes, first):
        size = known_size(y, axis)
        if size != count:
            windows = _windows(size, count)
            longest = max(map(len, windows))
            # where windows are shorter, their last element comes again
            places = np.array([[*window, *(window[-1],) * (longest - len(window))] for window in windows])
            y = ops.max(taken(y, axis, places, size), axis=axis + 1)
    return y  # type: ignore[return-value]  # dispatch has made it a tensor
