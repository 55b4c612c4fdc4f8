"""Poolings, one pixel of all windows at a time, and their gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_backend_numpy.nn.conv import OfShape, computing, counts, from_channels_last, offsets, padded, to_channels_last
from dl_ops.backend import Kernels
from dl_ops.dtypes import is_float
from dl_ops.nn.windows import Windows, windows
from dl_ops.typing import Array

kernels = Kernels()


def _lowest(dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "b":
        return False
    return -np.inf if is_float(dtype.name) else np.iinfo(dtype).min


@kernels.add
def max_pool(
    inputs: Array,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    w = windows(inputs, pool_size, strides, padding, data_format)
    x = to_channels_last(inputs, w)
    return from_channels_last(_maximum(*_prepared(x, w), w), w, inputs.dtype)


def _prepared(x: Array, w: Windows) -> tuple[Array, Sequence[int]]:
    """A padded image and the number of windows along each axis."""
    spatial = x.shape[1:-1]
    return padded(x, w.padding(spatial), _lowest(x.dtype)), counts(w, spatial)


def _maximum(x: Array, output: Sequence[int], w: Windows) -> Array:
    y: Array | None = None
    for _, part in offsets(w, output):
        y = x[part].copy() if y is None else np.maximum(y, x[part], out=y)
    assert y is not None
    return y


def max_pool_gradient(
    g: Array, inputs: Array, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Array:
    """Gradient of `max_pool` with respect to its inputs: the output's goes to the first maximum of each window."""
    w = windows(inputs, pool_size, strides, padding, data_format)
    x = to_channels_last(inputs, w)
    spatial = x.shape[1:-1]
    x, output = _prepared(x, w)
    y, g_last = _maximum(x, output, w), to_channels_last(g, w)
    result = np.zeros(x.shape, g.dtype)
    left = np.ones(y.shape, bool)
    for _, part in offsets(w, output):
        here = x[part] == y
        here &= left
        left ^= here
        result[part] += g_last * here
    return from_channels_last(_inner(result, w, spatial), w, g.dtype)


def max_pool_take(
    G: Array, inputs: Array, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Array:
    """The entries of `G` at the first maximum of each window of `inputs`: the adjoint of `max_pool_gradient`."""
    w = windows(inputs, pool_size, strides, padding, data_format)
    x, values = to_channels_last(inputs, w), to_channels_last(G, w)
    values = padded(values, w.padding(x.shape[1:-1]))
    x, output = _prepared(x, w)
    y = _maximum(x, output, w)
    result = np.zeros(y.shape, G.dtype)
    left = np.ones(y.shape, bool)
    for _, part in offsets(w, output):
        here = x[part] == y
        here &= left
        left ^= here
        result += values[part] * here
    return from_channels_last(result, w, G.dtype)


def _inner(x: Array, w: Windows, spatial: Sequence[int]) -> Array:
    """A padded image without its border."""
    return x[(slice(None), *(slice(low, low + n) for n, (low, _) in zip(spatial, w.padding(spatial), strict=True)))]


@kernels.add
def average_pool(
    inputs: Array,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    w = windows(inputs, pool_size, strides, padding, data_format)
    x = computing(to_channels_last(inputs, w))
    spatial = x.shape[1:-1]
    x, output = padded(x, w.padding(spatial)), counts(w, spatial)
    total = np.zeros((x.shape[0], *output, x.shape[-1]), x.dtype)
    for _, part in offsets(w, output):
        total += x[part]
    total /= _pixels(w, spatial, x.dtype)
    return from_channels_last(total, w, inputs.dtype)


def _pixels(w: Windows, spatial: Sequence[int], dtype: Any) -> Array:
    """Pixels of the image itself in each window, with axes for the batch and the channels."""
    output = counts(w, spatial)
    ones = padded(np.ones((1, *spatial, 1), dtype), w.padding(spatial))
    pixels = np.zeros((1, *output, 1), dtype)
    for _, part in offsets(w, output):
        pixels += ones[part]
    return pixels


def average_pool_gradient(
    g: Array,
    input_shape: Sequence[int],
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Gradient of `average_pool` with respect to its inputs, which have shape `input_shape`."""
    shape = tuple(input_shape)
    w = windows(OfShape(shape), pool_size, strides, padding, data_format)
    spatial = shape[1:-1] if w.channels_last else shape[2:]
    g_last = computing(to_channels_last(g, w))
    shared = g_last / _pixels(w, spatial, g_last.dtype)
    wide = tuple(n + low + high for n, (low, high) in zip(spatial, w.padding(spatial), strict=True))
    result = np.zeros((shape[0], *wide, shape[-1] if w.channels_last else shape[1]), g_last.dtype)
    for _, part in offsets(w, shared.shape[1:-1]):
        result[part] += shared
    return from_channels_last(_inner(result, w, spatial), w, g.dtype)
