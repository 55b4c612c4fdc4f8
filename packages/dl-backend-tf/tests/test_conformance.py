"""Every op on TensorFlow against NumPy in float64."""

from __future__ import annotations

from typing import ClassVar

from dl_ops.testing import Conformance


class TestConformance(Conformance):
    backend_name = "tensorflow"
    known_failures: ClassVar = {
        "gradient:det-singular": "TensorFlow's gradient of a determinant needs the inverse",
        "jvp:det-singular": "TensorFlow's gradient of a determinant needs the inverse",
        # gradients are compared in float64
        "value:max_pool-not-finite": "TensorFlow's max_pool passes over NaN and begins with the lowest finite number",
        "gradient:average_pool-3d": "TensorFlow's three-dimensional poolings take no float64 on CPUs",
        "gradient:*_pool-3d-same": "TensorFlow's three-dimensional poolings take no float64 on CPUs",
        "gradient:max_pool-3d": "TensorFlow's three-dimensional poolings take no float64 on CPUs",
    }
