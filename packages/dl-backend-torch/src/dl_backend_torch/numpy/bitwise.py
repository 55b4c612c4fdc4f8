"""Bits of integers."""

from __future__ import annotations

import torch

from dl_ops.backend import Kernels

_NATIVE = (
    *("bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor"),
    *("gcd", "lcm"),
)

kernels = Kernels({name: getattr(torch, name) for name in _NATIVE})
