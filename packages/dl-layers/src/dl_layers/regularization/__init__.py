"""Layers that act while training alone, and penalties on activations."""

from dl_layers.regularization.activity_regularization import ActivityRegularization
from dl_layers.regularization.alpha_dropout import AlphaDropout
from dl_layers.regularization.dropout import Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from dl_layers.regularization.gaussian import GaussianDropout, GaussianNoise

__all__ = [
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
]
