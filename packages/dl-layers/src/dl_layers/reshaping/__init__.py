"""Layers that change shapes."""

from dl_layers.reshaping.flatten import Flatten, Reshape
from dl_layers.reshaping.zero_padding import ZeroPadding2D

__all__ = ["Flatten", "Reshape", "ZeroPadding2D"]
