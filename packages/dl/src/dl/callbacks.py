"""Callbacks, ``keras.callbacks``."""

from dl_train.callbacks import *
