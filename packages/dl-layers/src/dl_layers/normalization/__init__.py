"""Normalization."""

from dl_layers.normalization.batch_normalization import BatchNormalization
from dl_layers.normalization.layer_normalization import LayerNormalization

__all__ = ["BatchNormalization", "LayerNormalization"]
