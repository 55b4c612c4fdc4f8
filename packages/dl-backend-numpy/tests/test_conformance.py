"""Every op on NumPy against NumPy in float64."""

from __future__ import annotations

from dl_ops.testing import Conformance


class TestConformance(Conformance):
    backend_name = "numpy"
    second_order = True
    gradients_of_defaults = True
