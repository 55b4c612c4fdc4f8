"""Ops on images, ``keras.ops.image``."""

from dl_ops.image import *
