"""Activation functions, ``keras.activations``."""

from dl_layers.activations import *
