"""Every op on JAX against NumPy in float64."""

from __future__ import annotations

from dl_ops.testing import Conformance


class TestConformance(Conformance):
    backend_name = "jax"
    forward_every = 8
    examples = 2
