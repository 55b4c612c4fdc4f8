"""Checks before a long training: that everything runs, that the data suit the model, that it can learn at all."""

from dl_train.checks import *
