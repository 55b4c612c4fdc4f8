"""Ops named after NumPy's functions, ``keras.ops.numpy``."""

from dl_ops.numpy import *
from dl_ops.ops import copy as copy
from dl_ops.ops import logaddexp as logaddexp
from dl_ops.ops import ndim as ndim
from dl_ops.ops import size as size
