"""Preprocessing and augmentation layers, and data sets."""

from dl_preprocess.layers import CategoryEncoding, Normalization, RandomFlip, Rescaling, Resizing

__all__ = ["CategoryEncoding", "Normalization", "RandomFlip", "Rescaling", "Resizing"]
