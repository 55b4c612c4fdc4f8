"""Convolutions as one matrix product over all windows, and their gradients.

A convolution is linear in the image and in the kernel, so `conv`, `conv_input_gradient` and `conv_kernel_gradient` are
all that derivatives of any order need: the gradient of each is made of the other two.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dl_ops.backend import Kernels
from dl_ops.nn.conv import conv_transpose_crops, conv_transpose_windows, conv_windows
from dl_ops.nn.windows import Windows
from dl_ops.typing import Array

kernels = Kernels()

_PATCHES = 1 << 22
"""How many numbers of copied windows to hold at a time."""


# -- layouts and dtypes -----------------------------------------------------------------------------------------------


def computing(x: Array) -> Array:
    """`x` in a dtype that NumPy multiplies matrices of with BLAS: 16-bit floats in float32, integers in float64."""
    if x.dtype in (np.float32, np.float64):
        return x
    return x.astype(np.float64 if x.dtype.kind in "iu" else np.float32)


class OfShape:
    """Stand-in for an array of which only the shape counts."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape


def to_channels_last(x: Array, w: Windows) -> Array:
    return x if w.channels_last else np.moveaxis(x, 1, -1)


def from_channels_last(x: Array, w: Windows, dtype: Any) -> Array:
    x = x.astype(dtype, copy=False)
    return x if w.channels_last else np.ascontiguousarray(np.moveaxis(x, -1, 1))


def padded(x: Array, pads: Sequence[tuple[int, int]], value: Any = 0) -> Array:
    """`x`, of which the channels come last, with a border."""
    if not any(low or high for low, high in pads):
        return x
    shape = (x.shape[0], *(n + low + high for n, (low, high) in zip(x.shape[1:-1], pads, strict=True)), x.shape[-1])
    y = np.full(shape, value, x.dtype) if value else np.zeros(shape, x.dtype)
    y[(slice(None), *(slice(low, low + n) for n, (low, _) in zip(x.shape[1:-1], pads, strict=True)))] = x
    return y


def counts(w: Windows, spatial: Sequence[int]) -> tuple[int, ...]:
    """Number of windows along each spatial axis."""
    return cast("tuple[int, ...]", w.output(tuple(spatial)))


def offsets(w: Windows, output: Sequence[int]) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Each pixel of a window, with the part of the padded image that this pixel of all windows lies on."""
    for place in itertools.product(*map(range, w.size)):
        parts = tuple(
            slice(i * dilation, i * dilation + (n - 1) * stride + 1, stride)
            for i, dilation, stride, n in zip(place, w.dilation, w.strides, output, strict=True)
        )
        yield place, (slice(None), *parts)


def _patches(x: Array, w: Windows) -> Array:
    """View of all windows of a padded image: (batch, *output, *window, channels)."""
    rank = len(w.size)
    view = sliding_window_view(x, w.reach(), axis=tuple(range(1, rank + 1)))
    every = (
        slice(None),
        *(slice(None, None, s) for s in w.strides),
        slice(None),
        *(slice(None, None, d) for d in w.dilation),
    )
    return np.moveaxis(view[every], rank + 1, -1)


def _chunks(batch: int, numbers: int) -> Iterator[slice]:
    """Parts of a batch whose windows, `numbers` a sample, are copied at a time."""
    step = max(1, _PATCHES // max(numbers, 1))
    return (slice(start, start + step) for start in range(0, batch, step))


def _is_pointwise(w: Windows) -> bool:
    return all(n == 1 for n in (*w.size, *w.strides))


# -- kernels ----------------------------------------------------------------------------------------------------------


@kernels.add
def conv(
    inputs: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    w = conv_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    x, k = computing(to_channels_last(inputs, w)), computing(kernel)
    groups, remainder = divmod(x.shape[-1], k.shape[-2])
    if remainder or k.shape[-1] % groups:
        raise ValueError("channels do not fit the kernel")
    spatial = x.shape[1:-1]
    output = counts(w, spatial)
    x = padded(x, w.padding(spatial))
    if groups > 1 and k.shape[-2] == 1:
        y = _depthwise(x, k, w, output)
    elif _is_pointwise(w) and groups == 1:
        y = x @ k.reshape(k.shape[-2:])
    else:
        y = np.empty((x.shape[0], *output, k.shape[-1]), x.dtype)
        for part in _chunks(len(x), y[0].size // k.shape[-1] * k[..., 0].size * groups if len(x) else 0):
            rows = y[part].size // k.shape[-1]
            product = _by_group(_patches(x[part], w), groups, k.shape[-2], rows) @ _kernel_by_group(k, groups)
            y[part] = product.transpose(1, 0, 2).reshape(y[part].shape)
    return from_channels_last(y, w, inputs.dtype)


def _by_group(patches: Array, groups: int, per_group: int, rows: int) -> Array:
    """Windows as rows of a matrix for each group: (groups, rows, window * channels per group)."""
    if groups == 1:
        return patches.reshape(1, rows, -1)
    return patches.reshape(rows, -1, groups, per_group).transpose(2, 0, 1, 3).reshape(groups, rows, -1)


def _kernel_by_group(k: Array, groups: int) -> Array:
    """(groups, window * channels per group, filters per group)."""
    return np.moveaxis(k.reshape(-1, groups, k.shape[-1] // groups), 1, 0)


def _depthwise(x: Array, k: Array, w: Windows, output: Sequence[int]) -> Array:
    # a channel has but one multiplication a pixel: whole images at a time beat matrix products
    channels = x.shape[-1]
    k = k.reshape(*w.size, channels, -1)
    y = np.zeros((x.shape[0], *output, channels, k.shape[-1]), x.dtype)
    for place, part in offsets(w, output):
        y += x[part][..., None] * k[place]
    return y.reshape(*y.shape[:-2], -1)


def conv_input_gradient(
    g: Array,
    kernel: Array,
    input_shape: Sequence[int],
    strides: Any,
    padding: str,
    data_format: str | None,
    dilation_rate: Any,
) -> Array:
    """Gradient of `conv` with respect to its inputs, which have shape `input_shape`, from the output's gradient `g`."""
    shape = tuple(input_shape)
    w = conv_windows(OfShape(shape), kernel, strides, padding, data_format, dilation_rate)
    g_last, k = computing(to_channels_last(g, w)), computing(kernel)
    spatial, channels = shape[1:-1] if w.channels_last else shape[2:], shape[-1] if w.channels_last else shape[1]
    pads = w.padding(spatial)
    wide = tuple(n + low + high for n, (low, high) in zip(spatial, pads, strict=True))
    x = np.zeros((shape[0], *wide, channels), g_last.dtype)
    groups, output = channels // k.shape[-2], g_last.shape[1:-1]
    if groups > 1 and k.shape[-2] == 1:
        by_channel, by_place = g_last.reshape(*g_last.shape[:-1], channels, -1), k.reshape(*w.size, channels, -1)
        for place, part in offsets(w, output):
            x[part] += np.einsum("...cm,cm->...c", by_channel, by_place[place])
    elif _is_pointwise(w) and groups == 1:
        x = g_last @ k.reshape(k.shape[-2:]).T
    else:
        flat = _kernel_by_group(k, groups).transpose(0, 2, 1)
        for chunk in _chunks(shape[0], int(np.prod(output)) * k[..., 0].size * groups):
            rows = g_last[chunk]
            by_group = rows.reshape(-1, groups, k.shape[-1] // groups).transpose(1, 0, 2)
            # (batch, *output, *window, channels), added up where windows overlap
            columns = (by_group @ flat).reshape(groups, *rows.shape[:-1], *w.size, k.shape[-2])
            for place, part in offsets(w, output):
                pixels = columns[(slice(None),) * (len(output) + 2) + place]
                x[chunk][part] += np.moveaxis(pixels, 0, -2).reshape(*pixels.shape[1:-1], channels)
    inner = (slice(None), *(slice(low, low + n) for n, (low, _) in zip(spatial, pads, strict=True)))
    return from_channels_last(x[inner], w, g.dtype)


def conv_kernel_gradient(
    g: Array,
    inputs: Array,
    kernel_shape: Sequence[int],
    strides: Any,
    padding: str,
    data_format: str | None,
    dilation_rate: Any,
) -> Array:
    """Gradient of `conv` with respect to its kernel, which has shape `kernel_shape`, from the output's gradient `g`."""
    shape = tuple(kernel_shape)
    w = conv_windows(inputs, OfShape(shape), strides, padding, data_format, dilation_rate)
    g_last, x = computing(to_channels_last(g, w)), computing(to_channels_last(inputs, w))
    channels, per_group, filters = x.shape[-1], shape[-2], shape[-1]
    groups, output = channels // per_group, g_last.shape[1:-1]
    x = padded(x, w.padding(x.shape[1:-1]))
    if groups > 1 and per_group == 1:
        k = np.empty((*w.size, channels, filters // channels), x.dtype)
        by_channel = g_last.reshape(-1, channels, filters // channels)
        for place, part in offsets(w, output):
            k[place] = np.einsum("pc,pcm->cm", x[part].reshape(-1, channels), by_channel)
        return k.reshape(shape).astype(g.dtype, copy=False)
    total = np.zeros((groups, int(np.prod(shape[:-1])), filters // groups), x.dtype)
    for chunk in _chunks(len(x), int(np.prod(output)) * int(np.prod(shape[:-1])) * groups):
        rows = g_last[chunk].reshape(-1, groups, filters // groups).transpose(1, 0, 2)
        patches = x[chunk] if _is_pointwise(w) else _patches(x[chunk], w)
        total += _by_group(patches, groups, per_group, rows.shape[1]).transpose(0, 2, 1) @ rows
    return np.moveaxis(total, 0, 1).reshape(shape).astype(g.dtype, copy=False)


@kernels.add
def conv_transpose(
    inputs: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int] | None = None,
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    w = conv_transpose_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    spatial = inputs.shape[1:-1] if w.channels_last else inputs.shape[2:]
    if inputs.shape[-1 if w.channels_last else 1] != kernel.shape[-1]:
        raise ValueError("channels do not fit the kernel")
    full = tuple((n - 1) * stride + reach for n, stride, reach in zip(spatial, w.strides, w.reach(), strict=True))
    filters = kernel.shape[-2]
    shape = (inputs.shape[0], *full, filters) if w.channels_last else (inputs.shape[0], filters, *full)
    # with all of its windows, the result is what a convolution of valid windows takes back to the inputs
    y = conv_input_gradient(inputs, kernel, shape, w.strides, "valid", data_format, w.dilation)
    crops = conv_transpose_crops(w, output_padding)
    first = 1 if w.channels_last else 2
    y = y[
        (slice(None),) * first + tuple(slice(low, n - max(high, 0)) for n, (low, high) in zip(full, crops, strict=True))
    ]
    pads = [(0, 0)] * y.ndim
    pads[first : first + len(full)] = [(0, max(-high, 0)) for _, high in crops]
    return np.pad(y, pads) if any(high for _, high in pads) else y
