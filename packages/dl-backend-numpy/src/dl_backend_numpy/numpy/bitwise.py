"""Bits of integers, element-wise."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels

kernels = Kernels(
    {
        "bitwise_and": np.bitwise_and,
        "bitwise_left_shift": np.left_shift,
        "bitwise_not": np.invert,
        "bitwise_or": np.bitwise_or,
        "bitwise_right_shift": np.right_shift,
        "bitwise_xor": np.bitwise_xor,
    }
)
