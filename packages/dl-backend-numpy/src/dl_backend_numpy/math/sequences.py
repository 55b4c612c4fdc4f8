"""Stretches of a signal as views."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.math.sequences import check_positive
from dl_ops.typing import Array

kernels = Kernels()


@kernels.add
def extract_sequences(x: Array, sequence_length: int, sequence_stride: int) -> Array:
    check_positive(sequence_length=sequence_length, sequence_stride=sequence_stride)
    if x.shape[-1] < sequence_length:
        return np.zeros((*x.shape[:-1], 0, sequence_length), x.dtype)
    views = np.lib.stride_tricks.sliding_window_view(x, sequence_length, axis=-1)
    return np.ascontiguousarray(views[..., ::sequence_stride, :])
