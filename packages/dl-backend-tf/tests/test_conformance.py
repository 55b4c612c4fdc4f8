"""Every op on TensorFlow against NumPy in float64."""

from __future__ import annotations

from typing import ClassVar

from dl_ops.testing import Conformance


class TestConformance(Conformance):
    backend_name = "tensorflow"
    known_failures: ClassVar = {
        # gradients are compared in float64
        "gradient:average_pool-3d": "TensorFlow's three-dimensional poolings take no float64 on CPUs",
        "gradient:max_pool-3d": "TensorFlow's three-dimensional poolings take no float64 on CPUs",
    }
