"""Initial values of weights, ``keras.initializers``."""

from dl_layers.initializers import *
