"""The conformance kit: one table of cases for every op, and the checks that any backend must pass.

A backend's own tests are a class::

    from dl_ops.testing import Conformance


    class TestConformance(Conformance):
        backend_name = "mine"

which compares values, dtypes, shapes and gradients of every op with NumPy in float64, and what ops say of wrong calls
with one table. Tests of what is built on ops take the fixture ``backend`` of the plugin
`dl_ops.testing.pytest_backends` instead, and run once on each backend installed.
"""

from dl_ops.testing.case import Case, all_cases, cases
from dl_ops.testing.checks import (
    check_compiled,
    check_default,
    check_signature,
    check_symbolic,
    check_value_shape_dtype,
)
from dl_ops.testing.conformance import Conformance
from dl_ops.testing.gradients import check_gradient, check_jvp
from dl_ops.testing.misuses import Misuse, all_misuses, check_misuse

__all__ = [
    "Case",
    "Conformance",
    "Misuse",
    "all_cases",
    "all_misuses",
    "cases",
    "check_compiled",
    "check_default",
    "check_gradient",
    "check_jvp",
    "check_misuse",
    "check_signature",
    "check_symbolic",
    "check_value_shape_dtype",
]
