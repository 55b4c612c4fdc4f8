"""Preprocessing and augmentation layers."""

from dl_preprocess.layers.category_encoding import CategoryEncoding
from dl_preprocess.layers.normalization import Normalization
from dl_preprocess.layers.random_flip import RandomFlip
from dl_preprocess.layers.rescaling import Rescaling
from dl_preprocess.layers.resizing import Resizing

__all__ = ["CategoryEncoding", "Normalization", "RandomFlip", "Rescaling", "Resizing"]
