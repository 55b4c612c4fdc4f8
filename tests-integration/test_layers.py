"""Every layer of the tables on the backend of this environment; the packages' own tests run it on NumPy."""

from __future__ import annotations

import pytest

from dl_layers.testing import CHECKS, LayerCase, cases
from dl_ops.backend import Backend
from dl_ops.testing.sampling import first_of_each, in_sample
from dl_preprocess.testing import CASES

pytestmark = pytest.mark.each_backend_alone

ALL = [*cases(), *CASES]
FIRST = first_of_each(ALL, lambda case: case.recipe.name)
ONE_IN = {
    **dict.fromkeys(("config", "weights"), 6),
    **dict.fromkeys(("stateless", "mixed_precision", "gradient", "compiled", "training", "program"), 4),
}
"""Of how many configurations one is put to a check, beside the first of each layer; all with ``--exhaustive``."""
WITHOUT_FIRST = {"jax": {"config", "weights", "stateless", "mixed_precision", "gradient", "training", "program"}}
"""Checks to which not even the first is put always, by backend: where everything is compiled first."""


def chosen(check: str, case: LayerCase, backend: str) -> bool:
    always = case in FIRST and check not in WITHOUT_FIRST.get(backend, ())
    return always or in_sample(case, ONE_IN.get(check, 1))


@pytest.mark.sampled(by=chosen)
@pytest.mark.parametrize("case", ALL, ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: LayerCase, backend: Backend) -> None:
    CHECKS[check](case, backend)
