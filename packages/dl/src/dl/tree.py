"""Nested structures, ``keras.tree``."""

from dl_ops.tree import *
