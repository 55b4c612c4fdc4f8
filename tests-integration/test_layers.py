"""Every layer of the tables on the backend of this environment; the packages' own tests run it on NumPy."""

from __future__ import annotations

import pytest

from dl_layers.testing import CHECKS, LayerCase, cases
from dl_ops.backend import Backend
from dl_ops.testing.pytest_backends import backends_under_test
from dl_preprocess.testing import CASES

pytestmark = pytest.mark.skipif(len(backends_under_test()) > 1, reason="each backend alone runs the table")


@pytest.mark.parametrize("case", [*cases(), *CASES], ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: LayerCase, backend: Backend) -> None:
    CHECKS[check](case, backend)
