"""Every op on JAX against NumPy in float64."""

from __future__ import annotations

from typing import ClassVar

from dl_ops.testing import Conformance


class TestConformance(Conformance):
    backend_name = "jax"
    one_in: ClassVar = {
        "value": 2,
        "dtype": 3,
        "default": 6,
        "gradient": 4,
        "jvp": 12,
        "default gradient": 16,
        "second": 16,
        "sparse": 3,
        "sparse gradient": 6,
    }
    examples = 2
    compiled = True
    known_failures: ClassVar = {
        "gradient:while_loop-three-times": "JAX finds no way back through a loop whose number of turns it does not know"
    }
