"""Divisors and multiples."""

from __future__ import annotations

import numpy as np

from dl_ops.backend import Kernels

kernels = Kernels({"gcd": np.gcd, "lcm": np.lcm})
