"""Poolings in one to three dimensions."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.dtypes import finite_range, is_float
from dl_ops.nn.windows import window_parts, windows
from dl_ops.op import op
from dl_ops.rules import floating, promoted
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["average_pool", "max_pool"]


def _pooled(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Shape:
    w = windows(inputs, pool_size, strides, padding, data_format)
    return w.shape(inputs.shape[0], w.output(w.spatial(inputs.shape)), w.channels(inputs.shape))


@op(shape=_pooled, dtype=promoted)
def max_pool(
    inputs: TensorLike,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Maximum over each window.

    Parameters
    ----------
    inputs : tensor_like, shape (batch, *spatial, channels) or (batch, channels, *spatial)
        As `data_format` says, with one to three spatial axes.
    pool_size : int or sequence of int
        Size of the windows.
    strides : int or sequence of int, optional
        Distance from one window to the next; by default `pool_size`.
    padding : {"valid", "same"}
        ``"valid"`` uses windows inside the image only; with ``"same"`` the result is the image's size divided by the
        strides, rounded up, and windows at the border are smaller.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor, shape (batch, *windows, channels) or (batch, channels, *windows)

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.

    Examples
    --------
    >>> from dl_ops import ops
    >>> x = ops.reshape([3.0, 1.0, 2.0, 5.0, 4.0], (1, 5, 1))
    >>> ops.squeeze(max_pool(x, 2)).tolist(), ops.squeeze(max_pool(x, 2, padding="same")).tolist()
    ([3.0, 5.0], [3.0, 5.0, 4.0])
    """
    w = windows(inputs, pool_size, strides, padding, data_format)
    dtype = dtype_of(inputs)
    lowest = float("-inf") if is_float(dtype) else False if dtype == "bool" else finite_range(dtype)[0]
    y = functools.reduce(ops.maximum, window_parts(inputs, w, lowest))
    return y if w.channels_last else ops.moveaxis(y, -1, 1)


@op(shape=_pooled, dtype=floating)
def average_pool(
    inputs: TensorLike,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Mean over each window; at a padded border, over the pixels of the image alone.

    Parameters
    ----------
    inputs, pool_size, strides, padding, data_format
        As for `max_pool`.

    Returns
    -------
    tensor, shape (batch, *windows, channels) or (batch, channels, *windows)

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.

    Examples
    --------
    >>> from dl_ops import ops
    >>> x = ops.reshape([3.0, 1.0, 2.0, 5.0, 4.0], (1, 5, 1))
    >>> ops.squeeze(average_pool(x, 2, padding="same")).tolist()
    [2.0, 3.5, 4.0]
    """
    w = windows(inputs, pool_size, strides, padding, data_format)
    total = ops.sum(ops.stack(window_parts(inputs, w, 0.0)), axis=0)
    count: Any = math.prod(w.size)
    if w.same:
        # how many pixels of the image each window meets
        spatial = [known_size(inputs, axis + (1 if w.channels_last else 2)) for axis in range(len(w.size))]
        met = window_parts(np.ones((1, *spatial, 1), "float32"), w._replace(channels_last=True), 0.0)
        count = ops.cast(ops.sum(ops.stack(met), axis=0), dtype_of(inputs))
    y = ops.divide(total, count)
    return y if w.channels_last else ops.moveaxis(y, -1, 1)
