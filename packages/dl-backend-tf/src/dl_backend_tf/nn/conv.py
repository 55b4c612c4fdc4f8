"""Convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of, sizes
from dl_ops.backend import Kernels
from dl_ops.nn.conv import conv_transpose_crops, conv_transpose_windows, conv_windows
from dl_ops.nn.windows import Windows

kernels = Kernels()

# to be named: without it, the gradient in three dimensions fails
_FORMATS: Final = {1: "NWC", 2: "NHWC", 3: "NDHWC"}


@kernels.add
def conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    if inputs.shape[0] == 0 or not inputs.dtype.is_floating:
        # of no images, TensorFlow gives the shape of the images; and it has no kernels for integers
        return default_of("conv")(inputs, kernel, strides, padding, data_format, dilation_rate)
    w = conv_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    # TensorFlow's kernels for CPUs want channels last
    images = inputs if w.channels_last else _channels_last(inputs)
    channels, per_group = images.shape[-1], kernel.shape[-2]
    if channels == per_group:
        y = _conv(images, kernel, w)
    elif (
        per_group == 1
        and len(w.size) <= 2
        and len(set(w.strides)) == 1
        and (max(w.strides) == 1 or max(w.dilation) == 1)
    ):
        y = _depthwise(images, kernel, w)
    else:
        groups = channels // per_group
        parts = zip(tf.split(images, groups, -1), tf.split(kernel, groups, -1), strict=True)
        y = tf.concat([_conv(part, filters, w) for part, filters in parts], -1)
    return y if w.channels_last else _channels_first(y)


@kernels.add
def conv_transpose(
    inputs: Tensor,
    kernel: Tensor,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int] | None = None,
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    w = conv_transpose_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    if inputs.shape[0] == 0 or not inputs.dtype.is_floating or max(w.dilation) > 1:
        # TensorFlow dilates on GPUs only
        return default_of("conv_transpose")(
            inputs, kernel, strides, padding, output_padding, data_format, dilation_rate
        )
    images = inputs if w.channels_last else _channels_last(inputs)
    batch, *spatial, _ = sizes(images)
    # the result that has all windows in full, of which the rest is cut off
    full = [(n - 1) * stride + reach for n, stride, reach in zip(spatial, w.strides, w.reach(), strict=True)]
    shape = (batch, *full, kernel.shape[-2])
    y = tf.nn.conv_transpose(images, kernel, shape, w.strides, "VALID", _FORMATS[len(w.size)])
    crops = conv_transpose_crops(w, output_padding)
    y = y[(slice(None), *(slice(low, -high if high > 0 else None) for low, high in crops))]
    if any(high < 0 for _, high in crops):
        y = tf.pad(y, [(0, 0), *((0, max(-high, 0)) for _, high in crops), (0, 0)])
    return y if w.channels_last else _channels_first(y)


def _conv(x: Tensor, kernel: Tensor, w: Windows) -> Tensor:
    padding = "SAME" if w.same else "VALID"
    if max(w.strides) == 1 or max(w.dilation) == 1:
        return tf.nn.convolution(x, kernel, w.strides, padding, _FORMATS[len(w.size)], w.dilation)
    # TensorFlow does not stride and dilate at once: all places, of which every so manieth is kept
    y = tf.nn.convolution(x, kernel, 1, padding, _FORMATS[len(w.size)], w.dilation)
    firsts = [0] * len(w.size)
    if w.same:
        spatial = sizes(x)[1:-1]
        firsts = [_first(*parts) for parts in zip(spatial, w.reach(), w.strides, strict=True)]
    return y[(slice(None), *(slice(first, None, stride) for first, stride in zip(firsts, w.strides, strict=True)))]


def _first(size: Any, reach: int, stride: int) -> Any:
    """Which of the windows, with padding and without strides, is the first with strides; sizes may be tensors."""
    missing = (-(-size // stride) - 1) * stride + reach - size
    before = (max(missing, 0) if isinstance(missing, int) else tf.maximum(missing, 0)) // 2
    return (reach - 1) // 2 - before


def _depthwise(x: Tensor, kernel: Tensor, w: Windows) -> Tensor:
    """Each channel by itself, for which TensorFlow has a fast kernel, in two dimensions."""
    channels = x.shape[-1]
    kernel = tf.reshape(kernel, (*w.size, channels, -1))
    strides, dilation = w.strides[0], w.dilation
    if len(w.size) == 1:
        x, kernel, dilation = x[:, None], kernel[None], (1, *dilation)
    y = tf.nn.depthwise_conv2d(x, kernel, (1, strides, strides, 1), "SAME" if w.same else "VALID", dilations=dilation)
    return tf.squeeze(y, 1) if len(w.size) == 1 else y


def _channels_last(x: Tensor) -> Tensor:
    return tf.transpose(x, [0, *range(2, len(x.shape)), 1])


def _channels_first(x: Tensor) -> Tensor:
    rank = len(x.shape)
    return tf.transpose(x, [0, rank - 1, *range(1, rank - 1)])
