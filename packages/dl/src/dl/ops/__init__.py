"""Ops on tensors of any backend, ``keras.ops``."""

from dl_ops.ops import *
