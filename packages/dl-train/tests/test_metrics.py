"""Metrics against definitions in NumPy's float64, over several weighted batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_layers.layer.masks import set_mask
from dl_ops import Variable, backend_scope, ops
from dl_ops.backend import Backend
from dl_train import metrics
from dl_train.metrics import AUC, Mean, MeanMetricWrapper, Metric, Sum
from dl_train.metrics.resolve import accuracy_for, metric_for

RNG = np.random.default_rng(0)
SCORES = RNG.random((9, 4)).astype("float32")
SCORES /= SCORES.sum(-1, keepdims=True)
CLASSES = RNG.integers(0, 4, 9)
ONE_HOT = np.eye(4)[CLASSES]
BINARY = RNG.integers(0, 2, (9, 4))
WEIGHTS = RNG.uniform(0.5, 2.0, 9)
RANKS = np.argsort(-SCORES, axis=-1)


def number(x: Any) -> float:
    return float(ops.convert_to_numpy(x))


def in_top(k: int) -> np.ndarray:
    return np.any(RANKS[:, :k] == CLASSES[:, None], axis=-1)


LOG = np.log(SCORES.astype("float64"))
# name: metric, targets, predictions, one value per sample
CASES: dict[str, tuple[Callable[..., Metric], Any, Any, np.ndarray]] = {
    "Accuracy": (metrics.Accuracy, CLASSES, RANKS[:, 0], RANKS[:, 0] == CLASSES),
    "BinaryAccuracy": (
        lambda **k: metrics.BinaryAccuracy(threshold=0.25, **k),
        BINARY,
        SCORES,
        np.mean((SCORES > 0.25) == BINARY, -1),
    ),
    "CategoricalAccuracy": (metrics.CategoricalAccuracy, ONE_HOT, SCORES, in_top(1)),
    "SparseCategoricalAccuracy": (metrics.SparseCategoricalAccuracy, CLASSES, SCORES, in_top(1)),
    "SparseCategoricalAccuracy, unit axis": (metrics.SparseCategoricalAccuracy, CLASSES[:, None], SCORES, in_top(1)),
    "TopKCategoricalAccuracy": (lambda **k: metrics.TopKCategoricalAccuracy(k=2, **k), ONE_HOT, SCORES, in_top(2)),
    "TopKCategoricalAccuracy, all": (metrics.TopKCategoricalAccuracy, ONE_HOT, SCORES, np.ones(9)),
    "SparseTopKCategoricalAccuracy": (
        lambda **k: metrics.SparseTopKCategoricalAccuracy(k=3, **k),
        CLASSES,
        SCORES,
        in_top(3),
    ),
    "SparseTopKCategoricalAccuracy, sorted": (
        lambda **k: metrics.SparseTopKCategoricalAccuracy(k=3, from_sorted_ids=True, **k),
        CLASSES,
        RANKS,
        in_top(3),
    ),
    "MeanSquaredError": (metrics.MeanSquaredError, BINARY, SCORES, np.mean((BINARY - SCORES) ** 2, -1)),
    "MeanAbsoluteError": (metrics.MeanAbsoluteError, BINARY, SCORES, np.mean(np.abs(BINARY - SCORES), -1)),
    "BinaryCrossentropy": (
        metrics.BinaryCrossentropy,
        BINARY,
        SCORES,
        -np.mean(BINARY * LOG + (1 - BINARY) * np.log1p(-SCORES.astype("float64")), -1),
    ),
    "CategoricalCrossentropy": (metrics.CategoricalCrossentropy, ONE_HOT, SCORES, -np.sum(ONE_HOT * LOG, -1)),
    "SparseCategoricalCrossentropy": (
        metrics.SparseCategoricalCrossentropy,
        CLASSES,
        SCORES,
        -LOG[range(9), CLASSES],
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("weighted", [False, True])
def test_is_the_mean_over_all_samples_of_all_batches(name: str, weighted: bool, backend: Backend) -> None:
    make, y_true, y_pred, values = CASES[name]
    metric = make()
    for batch in (slice(0, 4), slice(4, 9)):
        metric.update_state(y_true[batch], y_pred[batch], WEIGHTS[batch] if weighted else None)
    expected = np.average(values, weights=WEIGHTS if weighted else None)
    assert number(metric.result()) == pytest.approx(expected, rel=2e-5)
    assert [v.name for v in metric.variables] == ["total", "count"]
    assert ops.convert_to_numpy(metric.result()).dtype == np.float32


@pytest.mark.parametrize("name", CASES)
def test_config_round_trip(name: str, backend: Backend) -> None:
    make, y_true, y_pred, _ = CASES[name]
    metric = make(name="mine")
    config = metrics.serialize(metric)
    again: Any = metrics.deserialize(config)
    assert config["module"] == "keras.metrics"
    assert metrics.serialize(again) == config
    assert number(again(y_true, y_pred)) == number(metric(y_true, y_pred))


@pytest.mark.parametrize("shape", [(), (2,), (2, 1), (2, 3), (2, 3, 1), (1, 3)])
def test_weights_of_leading_axes(shape: tuple[int, ...], backend: Backend) -> None:
    values, weights = RNG.normal(size=(2, 3, 4)), RNG.uniform(0.5, 2.0, shape)
    full = np.broadcast_to(weights.reshape(shape + (1,) * (3 - len(shape))), values.shape)
    mean, total = Mean(), Sum()
    for metric in (mean, total):
        metric.update_state(values, sample_weight=weights)
    assert number(mean.result()) == pytest.approx(np.average(values, weights=full), rel=1e-5)
    assert number(total.result()) == pytest.approx(np.sum(values * full), rel=1e-5)


def test_a_sample_counts_once_however_many_values_it_has(backend: Backend) -> None:
    metric = Mean()
    metric.update_state(np.ones((2, 5)))
    metric.update_state([7.0])
    metric.update_state(4.0)
    assert number(metric.result()) == pytest.approx((1 + 1 + 7 + 4) / 4)


def test_mean_of_nothing_is_zero(backend: Backend) -> None:
    assert number(Mean().result()) == 0.0
    metric = Mean()
    metric.update_state([1.0, 2.0], sample_weight=[0.0, 0.0])
    assert number(metric.result()) == 0.0


@pytest.mark.parametrize("weighted", [False, True])
def test_masked_values_do_not_count(weighted: bool, backend: Backend) -> None:
    mask = RNG.random(9) < 0.5
    y_pred = ops.convert_to_tensor(SCORES.copy())
    set_mask(y_pred, ops.convert_to_tensor(mask))
    metric = metrics.MeanSquaredError()
    metric.update_state(BINARY, y_pred, WEIGHTS if weighted else None)
    expected = np.average(CASES["MeanSquaredError"][3][mask], weights=WEIGHTS[mask] if weighted else None)
    assert number(metric.result()) == pytest.approx(expected, rel=1e-5)


def test_ignored_class_does_not_count(backend: Backend) -> None:
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=1)
    metric.update_state(CLASSES, SCORES, WEIGHTS)
    counted = CLASSES != 1
    expected = np.average(-LOG[range(9), CLASSES][counted], weights=WEIGHTS[counted])
    assert number(metric.result()) == pytest.approx(expected, rel=1e-5)


def test_results_do_not_change_with_later_batches(backend: Backend) -> None:
    for metric in (Sum(), Mean()):
        first = metric([1.0])
        metric.update_state([5.0])
        assert number(first) == 1.0


def test_reset(backend: Backend) -> None:
    for metric, batch in ((Mean(), ([1.0, 2.0],)), (AUC(num_thresholds=3), ([0, 1], [0.2, 0.8]))):
        metric.update_state(*batch)
        assert any(variable.numpy().any() for variable in metric.variables)
        metric.reset_state()
        assert not any(variable.numpy().any() for variable in metric.variables)


def test_stateless_methods_assign_nothing(backend: Backend) -> None:
    metric = metrics.MeanSquaredError()
    state: list[Any] = [variable.value for variable in metric.variables]
    for batch in (slice(0, 4), slice(4, 9)):
        state = metric.stateless_update_state(state, BINARY[batch], SCORES[batch])
    assert number(metric.stateless_result(state)) == pytest.approx(np.mean(CASES["MeanSquaredError"][3]), rel=1e-5)
    assert [number(x) for x in metric.stateless_reset_state()] == [0.0, 0.0]
    assert [float(v) for v in metric.variables] == [0.0, 0.0]
    with pytest.raises(ValueError, match="1 metric_variables, expected 2"):
        metric.stateless_result(state[:1])


@pytest.mark.parametrize("make", [Mean, lambda: AUC(num_thresholds=5)], ids=["Mean", "AUC"])
def test_updates_in_a_compiled_step(make: Callable[[], Metric], trainable_backend: Backend) -> None:
    compiled_metric, metric = make(), make()

    def step(*batch: Any) -> Any:
        compiled_metric.update_state(*batch)
        return batch[0]

    compiled = trainable_backend.compile_step(step, compiled_metric.variables)
    for _ in range(3):
        batch = (BINARY[:, 0].astype("float32"), SCORES[:, 0])
        compiled(*batch)
        metric.update_state(*batch)
    assert number(compiled_metric.result()) == pytest.approx(number(metric.result()), rel=1e-6)


def test_belongs_to_the_backend_that_was_active(backend: Backend) -> None:
    made = [metrics.MeanAbsoluteError(), AUC(num_thresholds=3)]
    with backend_scope("numpy"):
        for metric in made:
            metric.update_state([0.0, 1.0], np.array([1.0, 1.0]))
            assert {variable.backend for variable in metric.variables} == {backend}
        assert number(made[0].result()) == 0.5


# -- AUC --------------------------------------------------------------------------------------------------------------

LABELS = RNG.integers(0, 2, 60)
PREDICTED = np.clip(0.3 * LABELS + RNG.random(60) * 0.7, 0, 1).astype("float32")
AUC_WEIGHTS = RNG.uniform(0.5, 2.0, 60)


def counts(labels: np.ndarray, predicted: np.ndarray, weights: np.ndarray, thresholds: list[float]) -> np.ndarray:
    """True positives, false positives, true negatives, false negatives at each threshold."""
    above = predicted[None] > np.asarray(thresholds, "float32")[:, None]
    return np.array(
        [((above == side) * (labels == label) * weights).sum(1) for side, label in ((1, 1), (1, 0), (0, 0), (0, 1))]
    )


def area(curve: str, method: str, tp: np.ndarray, fp: np.ndarray, tn: np.ndarray, fn: np.ndarray) -> float:
    def ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.divide(a, b, out=np.zeros_like(a), where=b > 0)

    if curve == "PR" and method == "interpolation":
        total = 0.0
        for i in range(len(tp) - 1):
            # many points of the segment on which true and false positives are linear
            s = np.linspace(0, 1, 4001)
            t, f = (x[i] + s * (x[i + 1] - x[i]) for x in (tp, fp))
            total += abs(np.trapezoid(ratio(t, t + f)[1:-1], t[1:-1]))
        return float(total / (tp + fn)[0])
    x, y = (ratio(fp, fp + tn), ratio(tp, tp + fn)) if curve == "ROC" else (ratio(tp, tp + fn), ratio(tp, tp + fp))
    pairs = np.stack([y[:-1], y[1:]])
    heights = {"interpolation": pairs.mean(0), "minoring": pairs.min(0), "majoring": pairs.max(0)}[method]
    return float(np.sum((x[:-1] - x[1:]) * heights))


@pytest.mark.parametrize("curve", ["ROC", "PR"])
@pytest.mark.parametrize("method", ["interpolation", "minoring", "majoring"])
@pytest.mark.parametrize("options", [{"num_thresholds": 12}, {"thresholds": [0.7, 0.2, 0.5]}], ids=["even", "given"])
def test_auc(curve: str, method: str, options: dict[str, Any], backend: Backend) -> None:
    metric = AUC(curve=curve, summation_method=method, **options)
    for batch in (slice(0, 20), slice(20, 60)):
        metric.update_state(LABELS[batch], PREDICTED[batch], AUC_WEIGHTS[batch])
    inner = [i / 11 for i in range(1, 11)] if "num_thresholds" in options else [0.2, 0.5, 0.7]
    assert metric.thresholds == [-1e-7, *inner, 1.0 + 1e-7]
    expected = counts(LABELS, PREDICTED, AUC_WEIGHTS, metric.thresholds)
    for variable, right in zip(metric.variables, expected, strict=True):
        np.testing.assert_allclose(variable.numpy(), right, rtol=1e-5, atol=1e-6)
    assert number(metric.result()) == pytest.approx(area(curve, method, *expected), rel=1e-3)
    names = ["true_positives", "false_positives", "true_negatives", "false_negatives"]
    assert [v.name for v in metric.variables] == names


def test_many_thresholds_approach_the_exact_roc_area(backend: Backend) -> None:
    metric = AUC(num_thresholds=2000)
    metric.update_state(LABELS, PREDICTED)
    pairs = PREDICTED[LABELS == 1][:, None] - PREDICTED[LABELS == 0]
    assert number(metric.result()) == pytest.approx(np.mean(pairs > 0), abs=2e-3)


@pytest.mark.parametrize("weights", [None, [1.0, 2.0, 3.0]])
@pytest.mark.parametrize("num_labels", [None, 3])
def test_auc_of_several_labels(weights: list[float] | None, num_labels: int | None, backend: Backend) -> None:
    labels, predicted = RNG.integers(0, 2, (40, 3)), RNG.normal(size=(40, 3)).astype("float32")
    sample_weights = RNG.uniform(0.5, 2.0, 40)
    metric = AUC(10, multi_label=True, num_labels=num_labels, label_weights=weights, from_logits=True)
    metric.update_state(labels, predicted, sample_weights)
    p = 1 / (1 + np.exp(-predicted))
    areas = [
        area("ROC", "interpolation", *counts(labels[:, i], p[:, i], sample_weights, metric.thresholds))
        for i in range(3)
    ]
    assert number(metric.result()) == pytest.approx(np.average(areas, weights=weights), rel=1e-4)


def test_weights_of_labels_that_are_treated_alike(backend: Backend) -> None:
    labels, predicted = RNG.integers(0, 2, (40, 3)), RNG.random((40, 3)).astype("float32")
    metric = AUC(10, label_weights=[1.0, 2.0, 3.0])
    metric.update_state(labels, predicted)
    expected = counts(labels.ravel(), predicted.ravel(), np.tile([1.0, 2.0, 3.0], 40), metric.thresholds)
    assert number(metric.result()) == pytest.approx(area("ROC", "interpolation", *expected), rel=1e-5)


def test_auc_of_nothing_is_zero(backend: Backend) -> None:
    assert number(AUC().result()) == 0.0
    assert number(AUC(curve="PR").result()) == 0.0
    with pytest.raises(ValueError, match="no result before the first batch"):
        AUC(multi_label=True).result()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"curve": "hull"}, "curve='HULL'.*'ROC', 'PR'"),
        ({"summation_method": "middle"}, "summation_method='middle'"),
        ({"num_thresholds": 1}, "num_thresholds=1"),
        ({"thresholds": [0.5, 2.0]}, r"thresholds=\[0.5, 2.0\]"),
        ({"num_labels": 3}, "num_labels=3.*multi_label=True"),
    ],
)
def test_arguments_of_auc_are_checked(options: dict[str, Any], message: str, backend: Backend) -> None:
    with pytest.raises(ValueError, match=message):
        AUC(**options)


def test_labels_must_stay_the_same(backend: Backend) -> None:
    metric = AUC(multi_label=True)
    metric.update_state(np.zeros((2, 3)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="y_pred has 2 labels, expected 3"):
        metric.update_state(np.zeros((2, 2)), np.zeros((2, 2)))


def test_auc_config_round_trip(backend: Backend) -> None:
    config = metrics.serialize(AUC(thresholds=[0.5], multi_label=True, num_labels=2, label_weights=[1, 2], name="a"))
    assert metrics.serialize(metrics.deserialize(config)) == config
    assert (config["config"]["thresholds"], config["config"]["num_thresholds"]) == ([0.5], 3)


# -- own metrics and names --------------------------------------------------------------------------------------------


def test_own_metric_with_another_inside(backend: Backend) -> None:
    class Spread(Metric):
        def __init__(self) -> None:
            super().__init__(name="spread")
            self.largest = self.add_weight(name="largest", initializer="zeros")
            self.parts = [Mean(name="level")]

        def update_state(self, values: Any) -> None:
            self.largest.assign(ops.maximum(self.largest, ops.max(values)))
            self.parts[0].update_state(values)

        def result(self) -> Any:
            return {"largest": self.largest.value, "mean": self.parts[0].result()}

    metric = Spread()
    assert [v.path for v in metric.variables] == ["spread/largest", "level/total", "level/count"]
    result = metric(ops.convert_to_tensor([1.0, 3.0]))
    assert {key: number(x) for key, x in result.items()} == {"largest": 3.0, "mean": 2.0}
    metric.reset_state()
    assert [float(v) for v in metric.variables] == [0.0, 0.0, 0.0]


def test_dtype_of_the_state(backend: Backend) -> None:
    metric = Mean(dtype="float16")
    assert [v.dtype for v in metric.variables] == ["float16", "float16"]
    assert ops.convert_to_numpy(metric([1.0, 2.0])).dtype == np.float16
    assert metric.get_config() == {"name": "mean", "dtype": "float16"}


def test_get(backend: Backend) -> None:
    for name in ("mse", "MSE", "mean_squared_error", "MeanSquaredError"):
        assert type(metrics.get(name)) is metrics.MeanSquaredError
    assert type(metrics.get(Mean)) is Mean
    assert metrics.get(metrics.binary_accuracy) is metrics.binary_accuracy
    assert metrics.get(None) is None
    with pytest.raises(ValueError, match="unknown metric 'acuracy': did you mean 'accuracy'"):
        metrics.get("acuracy")


@pytest.mark.parametrize(
    ("targets", "predictions", "name"),
    [
        ((None, 1), (None, 1), "BinaryAccuracy"),
        ((None,), (None, 1), "BinaryAccuracy"),
        ((None,), (None, 3), "SparseCategoricalAccuracy"),
        ((None, 1), (None, 3), "SparseCategoricalAccuracy"),
        ((None, 3), (None, 3), "CategoricalAccuracy"),
        ((None, 7), (None, 7, 3), "SparseCategoricalAccuracy"),
    ],
)
def test_accuracy_fits_the_shapes(targets: Any, predictions: Any, name: str, backend: Backend) -> None:
    assert accuracy_for(targets, predictions).__name__ == name
    metric = metric_for("acc", targets, predictions)
    assert (type(metric).__name__, metric.name) == (name, "acc")


def test_metrics_of_compile(backend: Backend) -> None:
    def bias(y_true: Any, y_pred: Any) -> Any:
        return y_pred - y_true

    wrapped = metric_for(bias, (None, 1), (None, 1))
    assert isinstance(wrapped, MeanMetricWrapper)
    assert (wrapped.name, number(wrapped([1.0], [3.0]))) == ("bias", 2.0)
    assert metric_for("mse", (None,), (None,)).variables[0].path == "mse/total"
    auc = AUC()
    assert metric_for(auc, (None,), (None,)) is auc
    assert metric_for(None, (None,), (None,)) is None


def test_variables_are_tracked_by_the_metric_alone(backend: Backend) -> None:
    assert all(isinstance(v, Variable) and not v.trainable for v in Mean().variables)
