"""Optimizers, ``keras.optimizers``."""

from dl_train.optimizers import *
