"""What holds for metrics with any input, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dl_ops import backend_scope, ops
from dl_ops.backend import Backend
from dl_ops.typing import Array
from dl_train import metrics
from dl_train.metrics import confusion
from dl_train.testing.metrics import number

Floats = arrays(np.float32, (7, 3), elements=st.floats(0, 1, width=32))
Labels = arrays(np.int64, (7, 3), elements=st.integers(0, 1))
Classes = arrays(np.int64, (6, 4), elements=st.integers(-2, 5))
Weights = arrays(np.float32, (7,), elements=st.sampled_from([0.0, 0.5, 1.0, 2.0]))
Thresholds = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20)


def of(metric: Any, *batch: Any) -> Array:
    """Result after one batch, on NumPy."""
    with backend_scope("numpy"):
        metric.update_state(*batch)
        return number(metric.result())


def made(name: str, **options: Any) -> Any:
    """A metric on NumPy."""
    with backend_scope("numpy"):
        return getattr(metrics, name)(**options)


@given(y=Labels, p=Floats, w=Weights, thresholds=Thresholds)
def test_the_four_counts_add_up_to_the_weights(y: Array, p: Array, w: Array, thresholds: list[float]) -> None:
    names = ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
    counts = [of(made(name, thresholds=thresholds), y, p, w) for name in names]
    assert np.all(np.sum(counts, axis=0) == 3 * w.sum())
    # weights are multiples of one half, so that sums are exact
    assert np.all(counts[0] + counts[3] == np.sum(y * w[:, None]))


@given(y=Labels, p=Floats, w=Weights, thresholds=Thresholds)
def test_comparing_with_each_threshold_and_sorting_into_buckets_count_the_same(
    y: Array, p: Array, w: Array, thresholds: list[float]
) -> None:
    one = made("FalsePositives", thresholds=thresholds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(confusion, "COMPARED", 0 if one._compared else 99)
        other = made("FalsePositives", thresholds=thresholds)
    assert other._compared is not one._compared
    np.testing.assert_array_equal(of(one, y, p, w), of(other, y, p, w))


@pytest.mark.parametrize("number_of_thresholds", [9, 12, 200, 1000])
def test_predictions_at_evenly_spaced_thresholds_are_not_above_them(
    number_of_thresholds: int, backend: Backend
) -> None:
    thresholds = [i / (number_of_thresholds - 1) for i in range(number_of_thresholds)]
    at = np.asarray(thresholds, "float32")
    ends = np.array([-np.inf, -3, 7, np.inf, np.nan], "float32")
    p = np.concatenate([at, np.nextafter(at, np.float32(2)), np.nextafter(at, np.float32(-1)), ends])
    metric = metrics.TruePositives(thresholds)
    assert metric._below is not None
    expected = np.sum(p > at[:, None], axis=1)
    np.testing.assert_array_equal(number(metric(np.ones(len(p)), p)), expected)


@given(y=Labels, p=Floats, w=Weights)
def test_more_than_the_required_costs_something(y: Array, p: Array, w: Array) -> None:
    for name, argument in (("SensitivityAtSpecificity", "specificity"), ("PrecisionAtRecall", "recall")):
        values = [of(made(name, **{argument: least}, num_thresholds=9), y, p, w) for least in (0.0, 0.3, 0.7, 1.0)]
        assert values == sorted(values, reverse=True)


@given(y=Labels, p=Floats, w=Weights)
def test_f1_lies_between_precision_and_recall(y: Array, p: Array, w: Array) -> None:
    shares = [of(made(name), y, p, w) for name in ("Precision", "Recall")]
    score = of(made("F1Score", average="micro", threshold=0.5), y, p, w)
    assert min(shares) - 1e-6 <= score <= max(shares) + 1e-6


@given(y=Classes, p=Classes)
def test_overlap_of_two_images_is_symmetric_and_whole_for_equal_ones(y: Array, p: Array) -> None:
    score = of(made("MeanIoU", num_classes=4), y, p)
    assert 0 <= score <= 1
    assert score == pytest.approx(of(made("MeanIoU", num_classes=4), p, y), abs=1e-6)
    known = np.any((y >= 0) & (y < 4))
    assert of(made("MeanIoU", num_classes=4), y, y) == (1.0 if known else 0.0)


@given(
    y=arrays(np.float32, (5, 6), elements=st.integers(-100, 100), unique=True),
    scale=st.floats(0.125, 8, width=32),
    shift=st.floats(-10, 10, width=32),
)
def test_correlation_does_not_change_with_scale_and_place_and_concordance_is_never_more(
    y: Array, scale: float, shift: float
) -> None:
    p = scale * np.roll(y, 1, axis=1) + shift
    with backend_scope("numpy"):
        correlation = number(metrics.pearson_correlation(y, p))
        np.testing.assert_allclose(number(metrics.pearson_correlation(y, -p)), -correlation, atol=1e-5)
        np.testing.assert_allclose(
            number(metrics.pearson_correlation(y, np.roll(y, 1, axis=1))), correlation, atol=1e-4
        )
        concordance = number(metrics.concordance_correlation(y, p))
    assert np.all(np.abs(concordance) <= np.abs(correlation) + 1e-5)


# -- edges ------------------------------------------------------------------------------------------------------------


def test_equal_scores_go_to_the_first_class(backend: Backend) -> None:
    precision = metrics.Precision(top_k=2)
    assert number(precision([0, 0, 1, 1], np.ones(4))) == 0.0
    score = metrics.F1Score()
    np.testing.assert_allclose(number(score([[1, 0], [0, 1]], [[0.5, 0.5], [0.0, 0.0]])), [2 / 3, 0.0], rtol=1e-6)


def test_more_in_the_top_than_there_are_classes(backend: Backend) -> None:
    assert number(metrics.Recall(top_k=9)([[0, 1]], [[0.9, 0.1]])) == 1.0


def test_thresholds_are_taken_as_numbers_tuples_and_arrays(backend: Backend) -> None:
    expected = metrics.TruePositives([0.2, 0.6])
    for thresholds in ((0.2, 0.6), np.array([0.2, 0.6])):
        metric = metrics.TruePositives(thresholds)  # type: ignore[arg-type]  # an array is taken too
        assert metric.thresholds == [0.2, 0.6]
        assert metric.get_config()["thresholds"] == expected.get_config()["thresholds"]


def test_weights_of_each_class_with_a_class_chosen(backend: Backend) -> None:
    weights = np.array([[1.0, 2.0], [4.0, 8.0]])
    metric = metrics.Recall(class_id=1)
    metric.update_state([[0, 1], [0, 1]], [[0.1, 0.9], [0.1, 0.2]], weights)
    assert [number(v.value).tolist() for v in metric.variables] == [[2.0], [8.0]]


def test_targets_that_are_all_the_same(backend: Backend) -> None:
    y = np.full((4, 2), 0.1)
    p = np.stack([y[:, 0], y[:, 1] + 1], axis=1)
    np.testing.assert_array_equal(number(metrics.R2Score(None)(y, p)), [1.0, 0.0])
    assert number(metrics.R2Score("variance_weighted_average")(y, p)) == 0.5
    for function in (metrics.pearson_correlation, metrics.concordance_correlation):
        np.testing.assert_array_equal(number(function(np.ones((2, 3)), [[1, 2, 3], [1, 1, 1]])), [0.0, 0.0])


def test_too_few_samples_for_the_adjustment_leave_the_score_as_it_is(backend: Backend) -> None:
    y, p = np.array([[1.0], [4.0], [3.0]]), np.array([[2.0], [4.0], [4.0]])
    plain = number(metrics.R2Score()(y, p))
    for regressors in (2, 5):
        assert number(metrics.R2Score(num_regressors=regressors)(y, p)) == plain
    assert number(metrics.R2Score(num_regressors=1)(y, p)) == pytest.approx(1 - (1 - plain) * 2, rel=1e-5)


def test_integers_count_exactly_where_floats_round(backend: Backend) -> None:
    metric = metrics.MeanIoU(num_classes=2, dtype="int32")
    metric.total_cm.assign([[2**24, 0], [0, 1]])
    metric.update_state([0], [0], sample_weight=np.array([3]))
    assert metric.total_cm.numpy()[0, 0] == 2**24 + 3
    assert str(ops.convert_to_numpy(metric.result()).dtype) == "float32"
    with pytest.raises(ValueError, match=r"weights of float32 would be cut to int32.*dtype='float32'"):
        metric.update_state([0], [0], sample_weight=[0.5])


def test_metrics_in_other_dtypes(backend: Backend) -> None:
    for metric in (metrics.Precision([0.2, 0.5], dtype="float16"), metrics.F1Score(dtype="bfloat16")):
        metric.update_state(np.eye(3), np.eye(3))
        assert {v.dtype for v in metric.variables} == {metric.dtype}
        np.testing.assert_array_equal(number(metric.result()), np.ones(len(number(metric.result()))))


# -- what is refused --------------------------------------------------------------------------------------------------

ARGUMENTS = [
    ("TruePositives", {"thresholds": 1.5}, r"TruePositives\(thresholds=1.5\).*\[0, 1\]"),
    ("Precision", {"thresholds": []}, r"Precision\(thresholds=\[\]\)"),
    ("Precision", {"thresholds": "0.5"}, r"Precision\(thresholds='0.5'\)"),
    ("Recall", {"thresholds": [0.5, None]}, r"Recall\(thresholds=\[0.5, None\]\)"),
    ("Recall", {"thresholds": float("nan")}, r"thresholds=nan"),
    ("Precision", {"top_k": 0}, r"Precision\(top_k=0\): expected an integer of at least 1"),
    ("Precision", {"class_id": 1.0}, r"Precision\(class_id=1.0\): expected an integer"),
    ("SensitivityAtSpecificity", {"specificity": 2.0}, r"SensitivityAtSpecificity\(specificity=2.0\).*\[0, 1\]"),
    ("RecallAtPrecision", {"precision": 0.5, "num_thresholds": 0}, r"num_thresholds=0.*at least 1"),
    ("AUC", {"num_thresholds": 2.5}, r"AUC\(num_thresholds=2.5\)"),
    ("FBetaScore", {"beta": -1.0}, r"FBetaScore\(beta=-1.0\): expected a positive number"),
    ("F1Score", {"average": "median"}, r"F1Score\(average='median'\).*'micro'"),
    ("F1Score", {"threshold": 0.0}, r"F1Score\(threshold=0.0\).*positive"),
    ("F1Score", {"threshold": 1.5}, r"F1Score\(threshold=1.5\).*\[0, 1\]"),
    ("R2Score", {"class_aggregation": "sum"}, r"R2Score\(class_aggregation='sum'\).*'uniform_average'"),
    ("R2Score", {"num_regressors": -1}, r"R2Score\(num_regressors=-1\)"),
    ("IoU", {"num_classes": 0, "target_class_ids": [0]}, r"IoU\(num_classes=0\)"),
    ("IoU", {"num_classes": 2, "target_class_ids": [2]}, r"IoU\(target_class_ids=\[2\]\).*from 0 to 1"),
    ("IoU", {"num_classes": 2, "target_class_ids": []}, r"at least one"),
    ("MeanIoU", {"num_classes": None}, r"MeanIoU\(num_classes=None\)"),
    ("MeanIoU", {"num_classes": 2, "ignore_class": "x"}, r"MeanIoU\(ignore_class='x'\)"),
    ("BinaryIoU", {"threshold": "x"}, r"BinaryIoU\(threshold='x'\)"),
]


@pytest.mark.parametrize(("name", "options", "message"), ARGUMENTS)
def test_arguments_are_checked(name: str, options: dict[str, Any], message: str, backend: Backend) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        getattr(metrics, name)(**options)


BATCHES = [
    ("Precision", {}, ([0, 1], [[0.1, 0.9], [0.3, 0.7]]), r"precision.*\(2,\), y_pred \(2, 2\)"),
    ("Recall", {"class_id": 5}, (np.eye(3), np.eye(3)), r"\(3, 3\), no class 5"),
    ("Recall", {"class_id": 1}, ([0, 1], [0.1, 0.9]), r"\(2,\), no class 1"),
    ("AUC", {}, ([0, 1], [0.1, 0.9], [1.0, 2.0, 3.0]), r"weights of shape \(3,\)"),
    ("Recall", {}, ([1], [0.9], [1.0, 2.0]), r"recall.*sample_weight has shape \(2,\)"),
    ("FalseNegatives", {}, ([0, 1], [0.1, 0.9], np.ones((2, 2, 1))), r"weights of shape \(2, 2, 1\)"),
    ("F1Score", {}, ([0, 1], [0.1, 0.9]), r"f1_score.*\(2,\), expected \(batch, n\)"),
    ("R2Score", {}, (np.ones((1, 2, 3)), np.ones((1, 2, 3))), r"r2_score.*expected \(batch, n\)"),
    ("R2Score", {}, (np.ones((2, 2)), np.ones((2, 3))), r"r2_score.*y_true has shape \(2, 2\), y_pred \(2, 3\)"),
    ("MeanIoU", {"num_classes": 2}, ([0, 1], [[0, 1], [1, 0]]), r"classes.*\(2,\), y_pred \(2, 2\)"),
    ("PearsonCorrelation", {}, (np.ones((2, 2)), np.ones((2, 3))), r"pearson_correlation.*\(2, 2\), y_pred \(2, 3\)"),
    ("RootMeanSquaredError", {}, (np.ones(3), np.ones(2)), r"\(3,\), y_pred \(2,\)"),
]


@pytest.mark.parametrize(("name", "options", "batch", "message"), BATCHES)
def test_batches_are_checked(name: str, options: dict[str, Any], batch: Any, message: str, backend: Backend) -> None:
    metric = getattr(metrics, name)(**options)
    with pytest.raises(ValueError, match=message):
        metric.update_state(*batch)
    assert not any(v.numpy().any() for v in metric.variables)


def test_the_number_of_outputs_must_stay_the_same(backend: Backend) -> None:
    for metric, what in ((metrics.F1Score(), "classes"), (metrics.R2Score(), "outputs")):
        with pytest.raises(ValueError, match="no result before the first batch"):
            metric.result()
        metric.update_state(np.eye(3), np.eye(3))
        with pytest.raises(ValueError, match=f"y_pred has 2 {what}, expected 3"):
            metric.update_state(np.eye(2), np.eye(2))
