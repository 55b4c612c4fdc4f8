"""Ops named after NumPy's functions, ``keras.ops.numpy``."""

from dl_ops.numpy import *
