"""Convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_ops.backend import Kernels
from dl_ops.nn.conv import conv_windows
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


def _conv(x: Tensor, kernel: Tensor, w: Windows) -> Tensor:
    padding = "SAME" if w.same else "VALID"
    if max(w.strides) == 1 or max(w.dilation) == 1:
        return tf.nn.convolution(x, kernel, w.strides, padding, _FORMATS[len(w.size)], w.dilation)
    # TensorFlow does not stride and dilate at once: all places, of which every so manieth is kept
    if w.same:
        pads = w.padding(w.spatial(tuple(x.shape)))  # type: ignore[arg-type]  # sizes are known
        x = tf.pad(x, [(0, 0), *pads, (0, 0)])
    y = tf.nn.convolution(x, kernel, 1, "VALID", _FORMATS[len(w.size)], w.dilation)
    return y[(slice(None), *(slice(None, None, stride) for stride in w.strides))]


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
