"""Every op on TensorFlow against NumPy in float64."""

from __future__ import annotations

from typing import ClassVar

from dl_ops.testing import Conformance


class TestConformance(Conformance):
    backend_name = "tensorflow"
    one_in: ClassVar = {"second": 4, "default gradient": 8}
    known_failures: ClassVar = {
        "default:sort-nan": "argsort takes NaN for infinity",
        "gradient:det-singular": "TensorFlow's gradient of a determinant needs the inverse",
        "jvp:det-singular": "TensorFlow's gradient of a determinant needs the inverse",
        "value:max_pool-not-finite": "TensorFlow's max_pool passes over NaN and begins with the lowest finite number",
    }
