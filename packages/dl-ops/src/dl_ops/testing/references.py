"""Convolutions and pooling in plain NumPy, one kernel position at a time; slow, and written without a look at any
backend.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dl_ops.typing import Array


def _each(value: int | Sequence[int], count: int) -> tuple[int, ...]:
    return (value,) * count if isinstance(value, int) else tuple(value)


def _padding(size: int, window: int, stride: int, padding: str) -> tuple[int, int, int]:
    """Size of the output, and what is padded before and after the input."""
    if padding == "valid":
        return (size - window) // stride + 1, 0, 0
    count = -(-size // stride)
    total = max((count - 1) * stride + window - size, 0)
    return count, total // 2, total - total // 2


def _windows(
    x: Array, sizes: Sequence[int], strides: Sequence[int], dilations: Sequence[int], padding: str, fill: float
) -> Iterator[tuple[tuple[int, ...], Array]]:
    """Each position in the window, with the elements of ``x`` (channels last) that it meets."""
    spans = [(n - 1) * d + 1 for n, d in zip(sizes, dilations, strict=True)]
    plans = [_padding(n, w, s, padding) for n, w, s in zip(x.shape[1:-1], spans, strides, strict=True)]
    x = np.pad(x, [(0, 0), *((before, after) for _, before, after in plans), (0, 0)], constant_values=fill)
    for position in itertools.product(*map(range, sizes)):
        starts = [p * d for p, d in zip(position, dilations, strict=True)]
        parts = [slice(a, a + (n - 1) * s + 1, s) for a, (n, _, _), s in zip(starts, plans, strides, strict=True)]
        yield position, x[(slice(None), *parts)]


def _channels_last(x: Array, data_format: str | None) -> Array:
    return np.moveaxis(x, 1, -1) if data_format == "channels_first" else x


def _as(x: Array, data_format: str | None) -> Array:
    return np.moveaxis(x, -1, 1) if data_format == "channels_first" else x


def conv(
    x: Array,
    kernel: Array,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Array:
    """Convolution with groups: ``kernel`` has the shape (spatial..., channels // groups, outputs)."""
    rank = kernel.ndim - 2
    x = _channels_last(x, data_format)
    groups = x.shape[-1] // kernel.shape[-2]
    total: Any = 0.0
    windows = _windows(x, kernel.shape[:rank], _each(strides, rank), _each(dilation_rate, rank), padding, 0.0)
    for position, met in windows:
        products = [
            a @ b for a, b in zip(np.split(met, groups, -1), np.split(kernel[position], groups, -1), strict=True)
        ]
        total = total + np.concatenate(products, -1)
    return _as(total, data_format)


def depthwise_conv(
    x: Array,
    kernel: Array,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Array:
    """Convolution of each channel alone: ``kernel`` has the shape (spatial..., channels, multiplier)."""
    rank = kernel.ndim - 2
    x = _channels_last(x, data_format)
    total: Any = 0.0
    windows = _windows(x, kernel.shape[:rank], _each(strides, rank), _each(dilation_rate, rank), padding, 0.0)
    for position, met in windows:
        total = total + met[..., None] * kernel[position]
    return _as(total.reshape(*total.shape[:-2], -1), data_format)


def separable_conv(x: Array, depthwise: Array, pointwise: Array, *options: Any, **more: Any) -> Array:
    """Depthwise convolution, then one of size 1."""
    data_format = more.get("data_format")
    return conv(depthwise_conv(x, depthwise, *options, **more), pointwise, data_format=data_format)


def conv_transpose(
    x: Array,
    kernel: Array,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Array:
    """Each input adds its multiple of the kernel, of shape (spatial..., outputs, channels), to the output."""
    rank = kernel.ndim - 2
    x = _channels_last(x, data_format)
    strides, dilations = _each(strides, rank), _each(dilation_rate, rank)
    added = (None,) * rank if output_padding is None else _each(output_padding, rank)
    spans = [(n - 1) * d + 1 for n, d in zip(kernel.shape[:rank], dilations, strict=True)]
    sizes = x.shape[1:-1]
    full = np.zeros(
        (len(x), *((n - 1) * s + w for n, s, w in zip(sizes, strides, spans, strict=True)), kernel.shape[-2])
    )
    for position in itertools.product(*map(range, kernel.shape[:rank])):
        starts = [p * d for p, d in zip(position, dilations, strict=True)]
        parts = [slice(a, a + (n - 1) * s + 1, s) for a, n, s in zip(starts, sizes, strides, strict=True)]
        full[(slice(None), *parts)] += x @ kernel[position].T
    for axis, (n, s, w, extra) in enumerate(zip(sizes, strides, spans, added, strict=True), start=1):
        if extra is not None:
            wanted = (n - 1) * s + w - (w // 2 * 2 if padding == "same" else 0) + extra
        else:
            wanted = n * s if padding == "same" else n * s + max(w - s, 0)
        before = max(full.shape[axis] - wanted, 0) // 2 if padding == "same" else 0
        missing = max(before + wanted - full.shape[axis], 0)
        full = np.pad(full, [(0, missing if i == axis else 0) for i in range(full.ndim)])
        full = np.take(full, np.arange(before, before + wanted), axis)
    return _as(full, data_format)


def max_pool(
    x: Array, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Array:
    """Largest of each window."""
    return _pool(x, pool_size, strides, padding, data_format, -np.inf, lambda met: np.max(met, 0))


def average_pool(
    x: Array, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Array:
    """Mean of each window, what was padded not counted."""
    return _pool(x, pool_size, strides, padding, data_format, np.nan, lambda met: np.nanmean(met, 0))


def _pool(
    x: Array, pool_size: Any, strides: Any, padding: str, data_format: str | None, fill: float, reduce: Any
) -> Array:
    rank = x.ndim - 2
    sizes = _each(pool_size, rank)
    steps = sizes if strides is None else _each(strides, rank)
    x = _channels_last(x, data_format).astype(float)
    met = [window for _, window in _windows(x, sizes, steps, (1,) * rank, padding, fill)]
    return _as(reduce(np.stack(met)), data_format)
