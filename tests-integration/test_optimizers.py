"""Every optimizer of the table on the backend of this environment; the package's own tests run it on NumPy."""

from __future__ import annotations

import pytest

from dl_ops.backend import Backend
from dl_ops.testing.sampling import first_of_each, in_sample
from dl_train.testing.optimizer_table import cases
from dl_train.testing.optimizers import CHECKS, OptimizerCase

pytestmark = pytest.mark.each_backend_alone

FIRST = first_of_each(cases(), lambda case: case.name)
ONE_IN = {"formula": 4, "eager": 4, "compiled": 40, "stateless": 8, "resumed": 8, "half": 8, "config": 8}
"""Of how many cases one is put to a check, beside the first of each optimizer; all with ``--exhaustive``."""
WITHOUT_FIRST = {"jax": {"compiled", "stateless", "half"}, "tensorflow": {"compiled"}, "torch": {"compiled"}}
"""Checks to which not even the first is put always, by backend: where everything is compiled first."""


def chosen(check: str, case: OptimizerCase, trainable_backend: str) -> bool:
    always = case in FIRST and check not in WITHOUT_FIRST.get(trainable_backend, ())
    return always or in_sample(case, ONE_IN[check])


@pytest.mark.sampled(by=chosen)
@pytest.mark.parametrize("case", cases(), ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: OptimizerCase, trainable_backend: Backend) -> None:
    CHECKS[check](case, trainable_backend)
