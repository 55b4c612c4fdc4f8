"""Normalization."""

from dl_layers.normalization.batch_normalization import BatchNormalization
from dl_layers.normalization.group_normalization import GroupNormalization
from dl_layers.normalization.layer_normalization import LayerNormalization
from dl_layers.normalization.rms_normalization import RMSNormalization
from dl_layers.normalization.spectral_normalization import SpectralNormalization
from dl_layers.normalization.unit_normalization import UnitNormalization

__all__ = [
    "BatchNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "RMSNormalization",
    "SpectralNormalization",
    "UnitNormalization",
]
