"""Penalties on weights, ``keras.regularizers``."""

from dl_layers.regularizers import *
