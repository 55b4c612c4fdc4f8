"""Every op on PyTorch against NumPy in float64."""

from __future__ import annotations

from dl_ops.testing import Conformance


class TestConformance(Conformance):
    backend_name = "torch"
    second_order = True
