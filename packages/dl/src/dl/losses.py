"""Losses, ``keras.losses``."""

from dl_train.losses import *
