"""Constraints on weights, ``keras.constraints``."""

from dl_layers.constraints import *
