"""Ops on images."""

from dl_ops.image.color import *
from dl_ops.image.resizing import *
