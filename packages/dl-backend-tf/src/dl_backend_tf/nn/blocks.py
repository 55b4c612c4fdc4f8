"""Pixels moved between the spatial axes and the channels of images."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of
from dl_ops.backend import Kernels
from dl_ops.config import standardize_data_format

kernels = Kernels()


# TensorFlow's kernels for CPUs want channels last


@kernels.add
def depth_to_space(x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    if standardize_data_format(data_format) == "channels_first":
        return default_of("depth_to_space")(x, block_size, data_format)
    return tf.nn.depth_to_space(x, block_size)


@kernels.add
def space_to_depth(x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    if standardize_data_format(data_format) == "channels_first":
        return default_of("space_to_depth")(x, block_size, data_format)
    return tf.nn.space_to_depth(x, block_size)
