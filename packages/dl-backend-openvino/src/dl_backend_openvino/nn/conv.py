"""Convolutions; OpenVINO has the channels first, and moves transpositions to where they are cheap."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.building import known, numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops.backend import Kernels
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.nn.conv import conv_windows
from dl_ops.nn.windows import Windows
from dl_ops.op import registry

kernels = Kernels()


def channels_first(x: GraphTensor, w: Windows) -> Any:
    """Node of images with the channels first."""
    rank = x.ndim
    return opset.transpose(x.node, numbers([0, rank - 1, *range(1, rank - 1)])) if w.channels_last else x.node


def channels_back(node: Any, w: Windows) -> Any:
    """Inverse of `channels_first`."""
    rank = len(w.size) + 2
    return opset.transpose(node, numbers([0, *range(2, rank), 1])) if w.channels_last else node


def pads(x: GraphTensor, w: Windows) -> tuple[list[int], list[int]]:
    """Pixels to add before and after along each spatial axis."""
    pairs = w.padding(known(w.spatial(x.shape), "padding='same'")) if w.same else [(0, 0)] * len(w.size)
    return [before for before, _ in pairs], [after for _, after in pairs]


@kernels.add
def conv(
    inputs: GraphTensor,
    kernel: GraphTensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    if not is_float(standardize_dtype(inputs.dtype)):
        return registry["conv"].function(inputs, kernel, strides, padding, data_format, dilation_rate)
    w = conv_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    rank = inputs.ndim
    channels, per_group = w.channels(inputs.shape), kernel.shape[-2]
    assert channels is not None
    assert per_group is not None
    groups = channels // per_group
    filters = opset.transpose(kernel.node, numbers([rank - 1, rank - 2, *range(rank - 2)]))
    options = (list(w.strides), *pads(inputs, w), list(w.dilation))
    if groups == 1:
        node = opset.convolution(channels_first(inputs, w), filters, *options)
    else:
        sizes = known(kernel.shape, "conv()")
        grouped = numbers([groups, sizes[-1] // groups, per_group, *sizes[:-2]])
        node = opset.group_convolution(channels_first(inputs, w), opset.reshape(filters, grouped, False), *options)
    return channels_back(node, w)
