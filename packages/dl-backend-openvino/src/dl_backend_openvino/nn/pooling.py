"""Poolings."""

from __future__ import annotations

from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.nn.conv import channels_back, channels_first, pads
from dl_backend_openvino.tensors import GraphTensor
from dl_ops.backend import Kernels
from dl_ops.nn.windows import windows

kernels = Kernels()


@kernels.add
def max_pool(
    inputs: GraphTensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Any:
    w = windows(inputs, pool_size, strides, padding, data_format)
    node = opset.max_pool(channels_first(inputs, w), list(w.strides), [1] * len(w.size), *pads(inputs, w), list(w.size))
    return channels_back(node.output(0), w)


@kernels.add
def average_pool(
    inputs: GraphTensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Any:
    w = windows(inputs, pool_size, strides, padding, data_format)
    # at a padded border the mean is over the image alone
    node = opset.avg_pool(channels_first(inputs, w), list(w.strides), *pads(inputs, w), list(w.size), True)
    return channels_back(node, w)
