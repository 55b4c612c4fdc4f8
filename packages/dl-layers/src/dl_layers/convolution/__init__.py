"""Convolutions."""

from dl_layers.convolution.conv1d import Conv1D
from dl_layers.convolution.conv2d import Conv2D
from dl_layers.convolution.conv3d import Conv3D
from dl_layers.convolution.conv_transpose import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from dl_layers.convolution.depthwise_conv import DepthwiseConv1D, DepthwiseConv2D
from dl_layers.convolution.separable_conv import SeparableConv1D, SeparableConv2D

__all__ = [
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
]
