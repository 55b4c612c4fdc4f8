"""Searches for what to train with: a learning rate, and the largest batch that fits."""

from dl_train.search import *
