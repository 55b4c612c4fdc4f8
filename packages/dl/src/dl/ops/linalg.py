"""Linear algebra, ``keras.ops.linalg``."""

from dl_ops.linalg import *
