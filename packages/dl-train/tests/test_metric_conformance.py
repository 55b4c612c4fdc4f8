"""Every metric of the table through every check, on every backend installed."""

from __future__ import annotations

import pytest

from dl_ops.backend import Backend
from dl_train import metrics
from dl_train.metrics import Metric
from dl_train.testing.metric_table import CASES
from dl_train.testing.metrics import CHECKS, MetricCase


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: MetricCase, backend: Backend) -> None:
    CHECKS[check](case, backend)


def test_every_public_metric_has_a_row() -> None:
    public = {name: getattr(metrics, name) for name in metrics.__all__}
    classes = {name for name, x in public.items() if isinstance(x, type) and issubclass(x, Metric)}
    assert classes - {case.recipe.name for case in CASES} == {"Metric"}


def test_rows_have_different_names() -> None:
    names = [str(case) for case in CASES]
    assert sorted(names) == sorted(set(names))
