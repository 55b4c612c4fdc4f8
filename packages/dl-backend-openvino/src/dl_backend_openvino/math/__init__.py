"""Nodes for the ops in ``dl_ops.math``."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_backend_openvino.math import fourier
from dl_ops import ops
from dl_ops.backend import Kernels

kernels = Kernels(fourier.kernels)

_CENTRE = (
    *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087),
    *(-0.00125372503, -0.00417768164, 0.246640727, 1.50140941),
)
_TAIL = (
    *(-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773),
    *(-0.0076224613, 0.00943887047, 1.00167406, 2.83297682),
)


@kernels.add
def erfinv(x: Any) -> Any:
    # Giles, "Approximating the erfinv function", GPU Computing Gems 2 (2011), single precision: there is no node for it
    w = -ops.log((1.0 - x) * (1.0 + x))
    y = x * ops.where(w < 5.0, _polynomial(_CENTRE, w - 2.5), _polynomial(_TAIL, ops.sqrt(w) - 3.0))
    return ops.where(ops.equal(ops.absolute(x), 1.0), x * np.inf, y)


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    y: Any = coefficients[0]
    for coefficient in coefficients[1:]:
        y = y * x + coefficient
    return y
