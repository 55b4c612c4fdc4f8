"""Softmax in place, on one array that is as large as the argument."""

from __future__ import annotations

import numpy as np

from dl_backend_numpy.numpy import reductions
from dl_ops.backend import Kernels
from dl_ops.typing import Array, Axis

kernels = Kernels()


@kernels.add
def softmax(x: Array, axis: Axis = -1) -> Array:
    y: Array = x - reductions.max(x, axis, True)
    np.exp(y, out=y)
    y /= reductions.sum(y, axis, True)
    return y


@kernels.add
def log_softmax(x: Array, axis: Axis = -1) -> Array:
    y: Array = x - reductions.max(x, axis, True)
    y -= np.log(reductions.sum(np.exp(y), axis, True))
    return y
