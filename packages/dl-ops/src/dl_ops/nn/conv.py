"""Convolutions in one to three dimensions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.nn.windows import Windows, window_parts, windows
from dl_ops.op import op
from dl_ops.rules import numeric
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["conv", "conv_transpose", "depthwise_conv", "separable_conv"]


def conv_windows(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
    *,
    inside: bool = True,
) -> Windows:
    """Options of a convolution in one form.

    Parameters
    ----------
    inputs, kernel, strides, padding, data_format, dilation_rate
        As for `conv`.
    inside : bool
        As for `windows`.

    Raises
    ------
    ValueError
        If the kernel does not have as many dimensions as the inputs, or an option is out of range.
    """
    if len(kernel.shape) != len(inputs.shape):
        raise ValueError(
            f"inputs of shape {tuple(inputs.shape)} need a kernel of as many dimensions, got {tuple(kernel.shape)}"
        )
    size = tuple(kernel.shape[:-2])
    return windows(inputs, size, strides, padding, data_format, dilation_rate, name="kernel size", inside=inside)


def conv_shape(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Shape:
    """Shape of the result of `conv`."""
    w = conv_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    channels = w.channels(inputs.shape)
    if channels is not None:
        if channels % kernel.shape[-2]:
            raise ValueError(f"inputs have {channels} channels: expected a multiple of the kernel's {kernel.shape[-2]}")
        groups = channels // kernel.shape[-2]
        if kernel.shape[-1] % groups:
            raise ValueError(
                f"the kernel has {kernel.shape[-1]} outputs: expected a multiple of the {groups} groups of channels"
            )
    return w.shape(inputs.shape[0], w.output(w.spatial(inputs.shape)), kernel.shape[-1])


@op(shape=conv_shape, dtype=numeric)
def conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Convolution (cross-correlation) in one, two or three dimensions.

    Parameters
    ----------
    inputs : tensor_like, shape (batch, *spatial, channels) or (batch, channels, *spatial)
        As `data_format` says, with one to three spatial axes.
    kernel : tensor_like, shape (*window, channels_per_group, filters)
        In every data format. Where it has fewer channels than the inputs, those are split into groups of that many, and
        each group has its equal share of the filters.
    strides : int or sequence of int, default 1
        Distance from one window to the next.
    padding : {"valid", "same"}
        ``"valid"`` uses windows inside the image only; ``"same"`` pads with zeros, as much after as before or one more,
        so that the result is the image's size divided by the strides, rounded up.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.
    dilation_rate : int or sequence of int, default 1
        Distance from one pixel of a window to the next.

    Returns
    -------
    tensor, shape (batch, *windows, filters) or (batch, filters, *windows)
        Of the dtype that inputs and kernel are promoted to, integers too; booleans become int32.

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.

    Examples
    --------
    >>> x = ops.reshape(ops.arange(5.0), (1, 5, 1))
    >>> kernel = ops.reshape([-1.0, 0.0, 1.0], (3, 1, 1))
    >>> ops.squeeze(conv(x, kernel)).tolist()
    [2.0, 2.0, 2.0]
    >>> ops.squeeze(conv(x, kernel, strides=2, padding="same")).tolist()
    [1.0, 2.0, -3.0]
    """
    w = conv_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    parts = window_parts(inputs, w, 0.0)
    per_group, filters = known_size(kernel, -2), known_size(kernel, -1)
    channels, positions = w.channels(shape_of(inputs)), math.prod(w.size)
    if channels == per_group:
        # one product for all positions in the window
        y = ops.matmul(ops.concatenate(parts, axis=-1), ops.reshape(kernel, (-1, filters)))
    else:
        groups = known_size(inputs, -1 if w.channels_last else 1) // per_group
        spatial = [-1 if size is None else size for size in shape_of(parts[0])[:-1]]
        split = [ops.reshape(part, (*spatial, groups, 1, per_group)) for part in parts]
        grouped = ops.reshape(kernel, (positions * per_group, groups, filters // groups))
        y = ops.matmul(ops.concatenate(split, axis=-1), ops.transpose(grouped, (1, 0, 2)))
        y = ops.reshape(y, (*spatial, filters))
    # products of int8 are widened
    y = ops.cast(y, dtype_of(inputs))
    return y if w.channels_last else ops.moveaxis(y, -1, 1)


def _depthwise_shape(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Shape:
    w = conv_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    channels = w.channels(inputs.shape)
    if None not in (channels, kernel.shape[-2]) and channels != kernel.shape[-2]:
        raise ValueError(f"inputs have {channels} channels, the kernel {kernel.shape[-2]}: expected the same")
    return w.shape(inputs.shape[0], w.output(w.spatial(inputs.shape)), kernel.shape[-2] * kernel.shape[-1])


@op(shape=_depthwise_shape, dtype=numeric)
def depthwise_conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Convolution of each channel with filters of its own.

    Parameters
    ----------
    inputs : tensor_like, shape (batch, *spatial, channels) or (batch, channels, *spatial)
    kernel : tensor_like, shape (*window, channels, multiplier)
    strides, padding, data_format, dilation_rate
        As for `conv`.

    Returns
    -------
    tensor, shape (batch, *windows, channels * multiplier) or (batch, channels * multiplier, *windows)
        The filters of the first channel come first.

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.

    Examples
    --------
    >>> x = ops.ones((1, 3, 2))
    >>> kernel = ops.reshape([1.0, 10.0], (1, 2, 1))
    >>> depthwise_conv(x, kernel).tolist()
    [[[1.0, 10.0], [1.0, 10.0], [1.0, 10.0]]]
    """
    shape = tuple(cast(Tensor, kernel).shape)
    kernel = ops.reshape(kernel, (*shape[:-2], 1, shape[-2] * shape[-1]))
    return conv(inputs, kernel, strides, padding, data_format, dilation_rate)


def _separable_shape(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Shape:
    w = conv_windows(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    shape = _depthwise_shape(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    if len(pointwise_kernel.shape) != len(shape) or (
        tuple(pointwise_kernel.shape[:-1]) != (*(1 for _ in w.size), w.channels(shape))
    ):
        expected = (*(1 for _ in w.size), w.channels(shape), "filters")
        raise ValueError(f"pointwise_kernel has shape {tuple(pointwise_kernel.shape)}: expected {expected}")
    return w.shape(shape[0], w.spatial(shape), pointwise_kernel.shape[-1])


@op(shape=_separable_shape, dtype=numeric)
def separable_conv(
    inputs: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Convolution of each channel, followed by a mixing of the channels.

    Parameters
    ----------
    inputs : tensor_like, shape (batch, *spatial, channels) or (batch, channels, *spatial)
    depthwise_kernel : tensor_like, shape (*window, channels, multiplier)
    pointwise_kernel : tensor_like, shape (1, ..., 1, channels * multiplier, filters)
    strides, padding, data_format, dilation_rate
        As for `conv`, of the first convolution.

    Returns
    -------
    tensor, shape (batch, *windows, filters) or (batch, filters, *windows)

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.

    References
    ----------
    Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", arXiv:1610.02357.

    Examples
    --------
    >>> x = ops.ones((1, 3, 2))
    >>> separable_conv(x, ops.ones((2, 2, 1)), ops.ones((1, 2, 4))).shape
    (1, 2, 4)
    """
    if any(size != 1 for size in pointwise_kernel.shape[:-2]):  # type: ignore[union-attr]  # a tensor by now
        raise ValueError(f"pointwise_kernel has shape {pointwise_kernel.shape}")  # type: ignore[union-attr]
    y = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(y, pointwise_kernel, 1, "valid", data_format)


def conv_transpose_windows(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Windows:
    """Like `conv_windows`, for `conv_transpose`."""
    return conv_windows(inputs, kernel, strides, padding, data_format, dilation_rate, inside=False)


def conv_transpose_crops(w: Windows, output_padding: Any = None) -> tuple[tuple[int, int], ...]:
    """What is cut off before and after the result that has all windows in full; negative where zeros are added.

    Parameters
    ----------
    w : Windows
    output_padding
        As for `conv_transpose`.

    Returns
    -------
    tuple of pairs of int, one per spatial axis
        The full result has ``(size - 1) * stride + reach`` pixels.
    """
    rank = len(w.size)
    added: Sequence[int | None] = [None] * rank
    if output_padding is not None:
        added = (output_padding,) * rank if isinstance(output_padding, int) else tuple(output_padding)
        if len(added) != rank:
            raise ValueError(f"output_padding={output_padding!r}: expected {rank} entries, one per spatial axis")
    crops = []
    for reach, stride, extra in zip(w.reach(), w.strides, added, strict=True):
        if extra is not None and not 0 <= extra < stride:
            raise ValueError(f"output_padding={output_padding!r}: expected less than the strides, {w.strides}")
        if extra is None:
            total = reach - stride if w.same else min(reach - stride, 0)
        else:
            total = (reach // 2 * 2 if w.same else 0) - extra
        before = max(total // 2, 0) if w.same else 0
        crops.append((before, total - before))
    return tuple(crops)


def _conv_transpose_shape(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Shape:
    w = conv_transpose_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    channels = w.channels(inputs.shape)
    if None not in (channels, kernel.shape[-1]) and channels != kernel.shape[-1]:
        raise ValueError(f"inputs have {channels} channels: expected {kernel.shape[-1]}, the kernel's last axis")
    sizes = tuple(
        None if size is None else (size - 1) * stride + reach - sum(crop)
        for size, stride, reach, crop in zip(
            w.spatial(inputs.shape), w.strides, w.reach(), conv_transpose_crops(w, output_padding), strict=True
        )
    )
    return w.shape(inputs.shape[0], sizes, kernel.shape[-2])


@op(shape=_conv_transpose_shape, dtype=numeric)
def conv_transpose(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int] | None = None,
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Transposed convolution in one, two or three dimensions: each pixel adds a multiple of the kernel to the result.

    Parameters
    ----------
    inputs : tensor_like, shape (batch, *spatial, channels) or (batch, channels, *spatial)
    kernel : tensor_like, shape (*window, filters, channels)
        With the outputs before the inputs, unlike the kernel of `conv`.
    strides : int or sequence of int, default 1
        Distance between the places where neighbouring pixels put the kernel.
    padding : {"valid", "same"}
        ``"valid"`` gives the whole result; ``"same"`` cuts it to the image's size times the strides.
    output_padding : int or sequence of int, optional
        How much larger than smallest the result is, less than the strides; so that a convolution's input size can be
        hit exactly.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.
    dilation_rate : int or sequence of int, default 1

    Returns
    -------
    tensor, shape (batch, *sizes, filters) or (batch, filters, *sizes)

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.

    Examples
    --------
    >>> x = ops.reshape([1.0, 2.0], (1, 2, 1))
    >>> kernel = ops.reshape([1.0, 10.0, 100.0], (3, 1, 1))
    >>> ops.squeeze(conv_transpose(x, kernel, strides=2)).tolist()
    [1.0, 10.0, 102.0, 20.0, 200.0]
    """
    w = conv_transpose_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    y = inputs if w.channels_last else ops.moveaxis(inputs, 1, -1)
    # a convolution of the pixels spread out by the strides, with the kernel turned round
    for axis, stride in enumerate(w.strides, start=1):
        y = _spread(y, axis, stride)
    pads = [
        (reach - 1 - low, reach - 1 - high)
        for reach, (low, high) in zip(w.reach(), conv_transpose_crops(w, output_padding), strict=True)
    ]
    for axis, (low, high) in enumerate(pads, start=1):
        # what is cut off beyond the kernel's reach
        y = cast(Tensor, y)[(slice(None),) * axis + (slice(max(-low, 0), min(high, 0) or None),)]
    y = ops.pad(y, [(0, 0), *((max(low, 0), max(high, 0)) for low, high in pads), (0, 0)])
    turned = ops.swapaxes(ops.flip(kernel, axis=tuple(range(len(w.size)))), -1, -2)
    y = conv(y, turned, 1, "valid", "channels_last", w.dilation)
    return y if w.channels_last else ops.moveaxis(y, -1, 1)


def _spread(x: TensorLike, axis: int, stride: int) -> TensorLike:
    """Put ``stride - 1`` zeros between neighbours along an axis."""
    if stride == 1:
        return x
    spaced = ops.expand_dims(x, axis + 1)
    pads = [(0, 0)] * len(spaced.shape)
    pads[axis + 1] = (0, stride - 1)
    spaced = ops.pad(spaced, pads)
    # of a size known only when it is computed this is a tensor
    sizes: list[Any] = list(shape_of(x))
    sizes[axis] = None if sizes[axis] is None else sizes[axis] * stride
    shape = [-1 if size is None else size for size in sizes]
    spread: Tensor = ops.reshape(spaced, shape)[(slice(None),) * axis + (slice(None, 1 - stride),)]
    return spread
