"""Ops of neural networks, ``keras.ops.nn``."""

from dl_ops.nn import *
