"""Every loss of the table on the backend of this environment; the package's own tests run it on NumPy."""

from __future__ import annotations

import pytest

from dl_ops.backend import Backend
from dl_ops.testing.pytest_backends import backends_under_test
from dl_ops.testing.sampling import first_of_each, in_sample
from dl_train.testing.loss_cases import CASES
from dl_train.testing.losses import CHECKS, LossCase

pytestmark = pytest.mark.skipif(len(backends_under_test()) > 1, reason="each backend alone runs the table")

FIRST = first_of_each(CASES, lambda case: case.name)
ONE_IN = {"masks": 6, "order": 6, "parts": 6, "config": 12, "mixed_precision": 6, "symbolic": 6}
"""Of how many cases one is put to a check, beside the first of each loss; all with ``--exhaustive``."""
ONE_IN_OF_JAX = {"value": 2, "reductions": 8, "gradient": 4, "compiled": 8}
"""The same where everything is compiled first, and the first of each loss is put to the others only by chance."""


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: LossCase, backend: Backend, pytestconfig: pytest.Config) -> None:
    on_jax = backend.name == "jax"
    every = {**ONE_IN, **(ONE_IN_OF_JAX if on_jax else {})}.get(check, 1)
    always = case in FIRST and not (on_jax and check in ONE_IN)
    if not pytestconfig.getoption("exhaustive") and not always and not in_sample(case, every):
        pytest.skip(f"one case in {every} is put to this check, all with --exhaustive")
    CHECKS[check](case, backend)
