"""Poolings."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.building import known
from dl_backend_openvino.nn.conv import channels_back, channels_first, pads
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.nn.windows import Windows, windows

kernels = Kernels()


def nothing(inputs: GraphTensor, w: Windows) -> Any:
    """What comes of no images, which the nodes do not take."""
    return ops.zeros(
        known(w.shape(0, w.output(w.spatial(inputs.shape)), w.channels(inputs.shape)), "pooling"), inputs.dtype
    )


@kernels.add
def max_pool(
    inputs: GraphTensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Any:
    w = windows(inputs, pool_size, strides, padding, data_format)
    if inputs.shape[0] == 0:
        return nothing(inputs, w)
    node = opset.max_pool(channels_first(inputs, w), list(w.strides), [1] * len(w.size), *pads(inputs, w), list(w.size))
    return channels_back(node.output(0), w)


@kernels.add
def average_pool(
    inputs: GraphTensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Any:
    w = windows(inputs, pool_size, strides, padding, data_format)
    if inputs.shape[0] == 0:
        return nothing(inputs, w)
    # at a padded border the mean is over the image alone
    node = opset.avg_pool(channels_first(inputs, w), list(w.strides), *pads(inputs, w), list(w.size), True)
    return channels_back(node, w)
