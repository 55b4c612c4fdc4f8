"""Numbers of 8 bits and fewer, ``keras.quantizers``."""

from dl_layers.quantizers import *
