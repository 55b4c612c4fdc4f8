"""Ops named after NumPy's functions."""

from dl_ops.numpy.elementwise import *
