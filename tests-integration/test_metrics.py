"""Every metric of the table on the backend of this environment; the package's own tests run it on NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl
from dl_ops.backend import Backend
from dl_ops.testing.sampling import first_of_each, in_sample
from dl_train.testing.metric_table import CASES
from dl_train.testing.metrics import CHECKS, MetricCase

pytestmark = pytest.mark.each_backend_alone

FIRST = first_of_each(CASES, lambda case: case.recipe.name)
ONE_IN = {"splitting": 4, "weights": 4, "reset": 4, "stateless": 4, "config": 6, "compiled": 4}
"""Of how many cases one is put to a check, beside the first of each metric; all with ``--exhaustive``."""
ONE_IN_OF = {
    # where everything is compiled first, the compiled step shows the values too
    "jax": {"value": 8, "splitting": 12, "weights": 12, "reset": 12, "stateless": 12, "config": 12},
    "torch": {"compiled": 12},
}
"""What differs by backend, where checks take long: not even the first of each metric is put to them always."""


def chosen(check: str, case: MetricCase, backend: str) -> bool:
    few = ONE_IN_OF.get(backend, {})
    return (case in FIRST and check not in few) or in_sample(case, {**ONE_IN, **few}.get(check, 1))


@pytest.mark.sampled(by=chosen)
@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: MetricCase, backend: Backend) -> None:
    CHECKS[check](case, backend)


class Highest(dl.metrics.Metric):
    """Highest prediction of each output so far, in a variable that the first batch tells the shape of."""

    highest: Any = None

    def __init__(self) -> None:
        super().__init__(name="highest")
        self.seen: list[Any] = []

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.seen.append(y_pred)
        if self.highest is None:
            self.highest = self.add_variable((y_pred.shape[-1],), "zeros", name="highest")
        self.highest.assign(dl.ops.maximum(self.highest, dl.ops.max(y_pred, axis=0)))

    def result(self) -> Any:
        return dl.ops.sum(self.highest.value)

    def reset_state(self) -> None:
        self.seen.clear()
        super().reset_state()


def test_metrics_whose_first_batch_tells_their_shapes_are_evaluated_in_compiled_steps(backend: Backend) -> None:
    random = np.random.default_rng(0)
    x, y = random.random((12, 4)).astype("float32"), random.integers(0, 2, (12, 3))
    weights = random.uniform(0.5, 2.0, 12).astype("float32")

    def made() -> list[Any]:
        several = dl.metrics.AUC(multi_label=True, num_thresholds=10, name="auc")
        return [dl.metrics.F1Score("macro", 0.5), dl.metrics.R2Score(), several, Highest()]

    model = dl.Sequential([dl.Input((4,)), dl.layers.Dense(3, activation="sigmoid")])
    model.compile(loss="mse", metrics=made(), weighted_metrics=[dl.metrics.Recall(0.4, name="found")])
    logs = model.evaluate(x, y, sample_weight=weights, batch_size=5, return_dict=True, verbose=0)
    predicted = model.predict(x, verbose=0)
    for metric in made():
        assert logs[metric.name] == pytest.approx(float(metric(y, predicted)), rel=1e-5)
    recall = dl.metrics.Recall(thresholds=0.4)
    assert logs["found"] == pytest.approx(float(recall(y, predicted, weights)), rel=1e-5)
