"""Layers that change shapes."""

from dl_layers.reshaping.cropping import Cropping1D, Cropping2D, Cropping3D
from dl_layers.reshaping.flatten import Flatten, Reshape
from dl_layers.reshaping.order import Permute, RepeatVector
from dl_layers.reshaping.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from dl_layers.reshaping.zero_padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D

__all__ = [
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Flatten",
    "Permute",
    "RepeatVector",
    "Reshape",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
]
