"""Metrics, ``keras.metrics``."""

from dl_train.metrics import *
