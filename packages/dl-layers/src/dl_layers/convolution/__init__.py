"""Convolutions."""

from dl_layers.convolution.conv2d import Conv2D

__all__ = ["Conv2D"]
