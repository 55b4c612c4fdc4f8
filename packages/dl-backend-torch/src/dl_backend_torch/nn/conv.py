"""Convolutions.

Images with the channels last are handed over as views with the channels first: that is PyTorch's ``channels_last``
memory format, which its convolutions keep, so nothing is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor
from torch.nn import functional

from dl_backend_torch.default import default
from dl_ops.backend import Kernels
from dl_ops.nn.conv import conv_transpose_crops, conv_transpose_windows, conv_windows
from dl_ops.nn.windows import Windows

kernels = Kernels()

_CONVOLUTIONS = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
_TRANSPOSED = {1: functional.conv_transpose1d, 2: functional.conv_transpose2d, 3: functional.conv_transpose3d}


def channels_first(x: Tensor, w: Windows) -> Tensor:
    """View of images with the channels first."""
    return x.movedim(-1, 1) if w.channels_last else x


def channels_back(y: Tensor, w: Windows) -> Tensor:
    """Inverse of `channels_first`."""
    return y.movedim(1, -1) if w.channels_last else y


def padded(x: Tensor, pairs: Sequence[tuple[int, int]], value: float = 0.0) -> Tensor:
    """Images, channels first, with pixels added along each spatial axis, or cut off where the number is negative."""
    if all(pair == (0, 0) for pair in pairs):
        return x
    # PyTorch counts from the last dimension
    return functional.pad(x, [n for pair in reversed(pairs) for n in pair], value=value)


def with_symmetric_padding(x: Tensor, w: Windows, value: float = 0.0) -> tuple[Tensor, list[int]]:
    """Images, channels first, and the padding left for PyTorch to do, which pads both sides alike."""
    pairs = w.padding(x.shape[2:])
    if all(before == after for before, after in pairs):
        return x, [before for before, _ in pairs]
    return padded(x, pairs, value), [0] * len(pairs)


@kernels.add
def conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    if not inputs.is_floating_point():
        # PyTorch convolves integers on few devices
        return default("conv", inputs, kernel, strides, padding, data_format, dilation_rate)  # type: ignore[no-any-return]
    return _convolved(inputs, kernel, None, strides, padding, data_format, dilation_rate)


@kernels.add
def biased_conv(
    inputs: Tensor,
    kernel: Tensor,
    bias: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    if not inputs.is_floating_point():
        options = (strides, padding, data_format, dilation_rate)
        return default("biased_conv", inputs, kernel, bias, *options)  # type: ignore[no-any-return]
    return _convolved(inputs, kernel, bias, strides, padding, data_format, dilation_rate)


def _convolved(inputs: Tensor, kernel: Tensor, bias: Tensor | None, *options: Any) -> Tensor:
    w = conv_windows(inputs, kernel, *options)
    x = channels_first(inputs, w)
    x, symmetric = with_symmetric_padding(x, w)
    weight = kernel.movedim((-1, -2), (0, 1))
    y = _CONVOLUTIONS[len(w.size)](x, weight, bias, w.strides, symmetric, w.dilation, x.shape[1] // kernel.shape[-2])
    return channels_back(y, w)


@kernels.add
def conv_transpose(
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    if not inputs.is_floating_point():
        options = (strides, padding, output_padding, data_format, dilation_rate)
        return default("conv_transpose", inputs, kernel, *options)  # type: ignore[no-any-return]
    w = conv_transpose_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    crops = conv_transpose_crops(w, output_padding)
    weight = kernel.movedim((-1, -2), (0, 1))
    # PyTorch cuts off the same at both ends, so that is done here
    y = _TRANSPOSED[len(w.size)](channels_first(inputs, w), weight, None, w.strides, 0, 0, 1, w.dilation)
    return channels_back(padded(y, [(-before, -after) for before, after in crops]), w)
