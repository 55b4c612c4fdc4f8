"""The table of metrics: each with its options, data and formula."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing import Recipe
from dl_ops.typing import Array
from dl_train import losses
from dl_train.testing import metric_references as ref
from dl_train.testing.metrics import MetricCase

_RNG: Final = np.random.default_rng(5)
SCORES: Final = _RNG.dirichlet(np.ones(4), 8)
CLASSES: Final = _RNG.integers(0, 4, 8)
ONE_HOT: Final = np.eye(4)[CLASSES]
BINARY: Final = _RNG.integers(0, 2, (8, 4))
PROBABILITIES: Final = _RNG.uniform(0.02, 0.98, (8, 4))
NUMBERS: Final = _RNG.normal(1.0, 1.0, (8, 3))
NEAR: Final = NUMBERS + _RNG.normal(0.2, 0.5, (8, 3))
POSITIVE: Final = np.abs(NUMBERS) + 0.1
NEAR_POSITIVE: Final = np.abs(NEAR) + 0.1
RANKS: Final = np.argsort(-SCORES, axis=-1)
# of pixels, some of them of no known class
LABELS: Final = _RNG.integers(-1, 4, (8, 5))
PREDICTED: Final = _RNG.integers(0, 5, (8, 5))
PIXELS: Final = np.eye(4)[_RNG.integers(0, 4, (8, 5))]
PIXEL_SCORES: Final = _RNG.random((8, 5, 4))

MEAN: Final = {"total": (), "count": ()}
FOUR: Final = ("true_positives", "false_positives", "true_negatives", "false_negatives")
MANY: Final = [i / 16 for i in range(1, 16)]


def _mean(name: str, y_true: Array, y_pred: Array, reference: Any, **options: Any) -> MetricCase:
    label = options.pop("label", None)
    repeatable = options.pop("repeatable", True)
    return MetricCase(Recipe(name, **options), (y_true, y_pred), reference, MEAN, repeatable, label=label)


def _counts(name: str, function: Any, **options: Any) -> MetricCase:
    thresholds = options.get("thresholds", -1e10 if options.get("top_k") else 0.5)
    size = (len(thresholds) if isinstance(thresholds, list) else 1,)
    variables = {
        "Precision": {"true_positives": size, "false_positives": size},
        "Recall": {"true_positives": size, "false_negatives": size},
    }.get(name, {"accumulator": size})
    reference = ref.at_thresholds(function, **{**options, "thresholds": thresholds})
    return MetricCase(Recipe(name, **options), (BINARY, PROBABILITIES), reference, variables)


def _best(name: str, wanted: Any, required: Any, argument: str, least: float, **options: Any) -> MetricCase:
    number = options.get("num_thresholds", 200)
    reference = ref.best(wanted, required, least, number, options.get("class_id"))
    recipe = Recipe(name, **{argument: least}, **options)
    return MetricCase(recipe, (BINARY, PROBABILITIES), reference, dict.fromkeys(FOUR, (number,)))


def _area(curve: str, method: str, **options: Any) -> MetricCase:
    inner = options.get("thresholds") or [i / 11 for i in range(1, 11)]
    if "thresholds" not in options:
        options["num_thresholds"] = 12
    several = options.get("multi_label", False)
    shape = (len(inner) + 2, 4) if several else (len(inner) + 2,)
    weights = options.get("label_weights", np.ones(4) if several else None)
    reference = ref.area(curve, method, sorted(inner), weights)
    recipe = Recipe("AUC", curve=curve, summation_method=method, **options)
    return MetricCase(recipe, (BINARY, PROBABILITIES), reference, dict.fromkeys(FOUR, shape))


def _f_score(name: str, data: tuple[Array, Array], **options: Any) -> MetricCase:
    shape = () if options.get("average") == "micro" else (4,)
    names = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")
    reference = ref.f_score(options.get("average"), options.get("beta", 1.0), options.get("threshold"))
    return MetricCase(Recipe(name, **options), data, reference, dict.fromkeys(names, shape))


def _r2(**options: Any) -> MetricCase:
    reference = ref.r2_score(options.get("class_aggregation", "uniform_average"), options.get("num_regressors", 0))
    variables = {"num_samples": (), **dict.fromkeys(("squared_sum", "sum", "residual", "count"), (3,))}
    # the adjustment counts samples, whatever their weights
    repeatable = not options.get("num_regressors")
    return MetricCase(Recipe("R2Score", **options), (NUMBERS, NEAR), reference, variables, repeatable)


def _overlap(name: str, data: tuple[Array, Array], reference: Any, **options: Any) -> MetricCase:
    number = 2 if name == "BinaryIoU" else 4
    if name != "BinaryIoU":
        options["num_classes"] = number
    # weights are cut to integers by Keras's default
    options.setdefault("dtype", "float32")
    return MetricCase(Recipe(name, **options), data, reference, {"total_confusion_matrix": (number, number)})


def _highest(scores: Array) -> Any:
    return np.argmax(scores, axis=-1)


def _sum(values: Array, weights: Array) -> Any:
    return np.sum(values * weights[:, None])


def _average(values: Array, weights: Array) -> Any:
    return np.average(values.mean(axis=1), weights=weights)


_ONE_SCORE = ref.mean_of(lambda y, p: -np.log(p[range(8), y]))

CASES: Final[tuple[MetricCase, ...]] = (
    MetricCase(Recipe("Sum"), (NUMBERS,), _sum, {"total": ()}),
    MetricCase(Recipe("Mean"), (NUMBERS,), _average, MEAN),
    _mean(
        "MeanMetricWrapper",
        NUMBERS,
        NEAR,
        ref.each(lambda y, p: (y - p) ** 2),
        fn=losses.mean_squared_error,
        label="mse",
    ),
    _mean("Accuracy", CLASSES, RANKS[:, 0], ref.mean_of(lambda y, p: y == p)),
    _mean("BinaryAccuracy", BINARY, PROBABILITIES, ref.each(lambda y, p: (p > 0.25) == y), threshold=0.25),
    _mean("CategoricalAccuracy", ONE_HOT, SCORES, ref.mean_of(lambda y, p: ref.among_highest(CLASSES, p, 1))),
    _mean("SparseCategoricalAccuracy", CLASSES, SCORES, ref.mean_of(lambda y, p: ref.among_highest(y, p, 1))),
    _mean(
        "SparseCategoricalAccuracy",
        CLASSES[:, None],
        SCORES,
        ref.mean_of(lambda y, p: ref.among_highest(y[:, 0], p, 1)),
        label="unit-axis",
    ),
    _mean("TopKCategoricalAccuracy", ONE_HOT, SCORES, ref.mean_of(lambda y, p: ref.among_highest(CLASSES, p, 2)), k=2),
    _mean("SparseTopKCategoricalAccuracy", CLASSES, SCORES, ref.mean_of(lambda y, p: ref.among_highest(y, p, 3)), k=3),
    _mean("MeanSquaredError", NUMBERS, NEAR, ref.each(lambda y, p: (y - p) ** 2)),
    _mean("MeanAbsoluteError", NUMBERS, NEAR, ref.each(lambda y, p: np.abs(y - p))),
    _mean("MeanAbsolutePercentageError", POSITIVE, NEAR_POSITIVE, ref.each(lambda y, p: 100 * np.abs(y - p) / y)),
    _mean(
        "MeanSquaredLogarithmicError",
        POSITIVE,
        NEAR_POSITIVE,
        ref.each(lambda y, p: (np.log1p(y) - np.log1p(p)) ** 2),
    ),
    _mean("LogCoshError", NUMBERS, NEAR, ref.each(lambda y, p: np.log(np.cosh(y - p)))),
    MetricCase(
        Recipe("RootMeanSquaredError"),
        (NUMBERS, NEAR),
        lambda y, p, w: np.sqrt(np.average(np.mean((y - p) ** 2, axis=1), weights=w)),
        MEAN,
    ),
    _mean(
        "CosineSimilarity",
        NUMBERS,
        NEAR,
        ref.mean_of(lambda y, p: np.sum(y * p, 1) / np.linalg.norm(y, axis=1) / np.linalg.norm(p, axis=1)),
    ),
    _mean("PearsonCorrelation", NUMBERS, NEAR, ref.mean_of(ref.pearson)),
    _mean("ConcordanceCorrelation", NUMBERS, NEAR, ref.mean_of(ref.concordance)),
    _mean(
        "ConcordanceCorrelation",
        NUMBERS.reshape(8, 3, 1),
        NEAR.reshape(8, 3, 1),
        ref.mean_of(lambda y, p: ref.concordance(y.reshape(8, 3), p.reshape(8, 3))),
        axis=[-2, -1],
    ),
    _mean("Hinge", 2 * BINARY - 1, PROBABILITIES, ref.each(lambda y, p: np.maximum(1 - y * p, 0))),
    _mean(
        "Hinge", BINARY, PROBABILITIES, ref.each(lambda y, p: np.maximum(1 - (2 * y - 1) * p, 0)), label="of-0-and-1"
    ),
    _mean("SquaredHinge", 2 * BINARY - 1, PROBABILITIES, ref.each(lambda y, p: np.maximum(1 - y * p, 0) ** 2)),
    _mean(
        "CategoricalHinge",
        ONE_HOT,
        SCORES,
        ref.mean_of(lambda y, p: np.maximum(1 + np.max((1 - y) * p, axis=1) - np.sum(y * p, axis=1), 0)),
    ),
    _mean(
        "BinaryCrossentropy",
        BINARY,
        PROBABILITIES,
        ref.each(lambda y, p: -(y * np.log(p) + (1 - y) * np.log1p(-p))),
    ),
    _mean("CategoricalCrossentropy", ONE_HOT, SCORES, ref.mean_of(lambda y, p: -np.sum(y * np.log(p), axis=1))),
    _mean("SparseCategoricalCrossentropy", CLASSES, SCORES, _ONE_SCORE),
    _mean("KLDivergence", SCORES[::-1], SCORES, ref.mean_of(lambda y, p: np.sum(y * np.log(y / p), axis=1))),
    _mean("Poisson", POSITIVE, NEAR_POSITIVE, ref.each(lambda y, p: p - y * np.log(p))),
    _counts("TruePositives", lambda tp, fp, tn, fn: tp),
    _counts("TruePositives", lambda tp, fp, tn, fn: tp, thresholds=[0.7, 0.2, 0.4]),
    _counts("FalsePositives", lambda tp, fp, tn, fn: fp, thresholds=0.3),
    _counts("TrueNegatives", lambda tp, fp, tn, fn: tn, thresholds=[*MANY[::-1]]),
    _counts("FalseNegatives", lambda tp, fp, tn, fn: fn, thresholds=[0.2]),
    _counts("Precision", ref.precision),
    _counts("Precision", ref.precision, thresholds=[0.3, 0.8]),
    _counts("Precision", ref.precision, top_k=2),
    _counts("Precision", ref.precision, thresholds=[0.3, 0.8], top_k=3, class_id=2),
    _counts("Recall", ref.recall, thresholds=MANY),
    _counts("Recall", ref.recall, class_id=-1),
    _counts("Recall", ref.recall, top_k=1),
    _best("SensitivityAtSpecificity", ref.recall, ref.specificity, "specificity", 0.6),
    _best("SensitivityAtSpecificity", ref.recall, ref.specificity, "specificity", 0.3, num_thresholds=1),
    _best("SpecificityAtSensitivity", ref.specificity, ref.recall, "sensitivity", 0.6, num_thresholds=5),
    _best("PrecisionAtRecall", ref.precision, ref.recall, "recall", 0.4, class_id=1),
    _best("RecallAtPrecision", ref.recall, ref.precision, "precision", 0.5, num_thresholds=30),
    _area("ROC", "interpolation"),
    _area("ROC", "majoring", thresholds=[0.7, 0.2, 0.5]),
    _area("PR", "interpolation"),
    _area("PR", "minoring", multi_label=True, num_labels=4),
    _area("ROC", "interpolation", multi_label=True, label_weights=[1.0, 2.0, 3.0, 0.5]),
    _f_score("F1Score", (ONE_HOT, SCORES)),
    _f_score("F1Score", (ONE_HOT, SCORES), average="macro"),
    _f_score("FBetaScore", (BINARY, PROBABILITIES), average="micro", beta=2.0, threshold=0.4),
    _f_score("FBetaScore", (BINARY, PROBABILITIES), average="weighted", beta=0.5, threshold=0.6),
    _r2(),
    _r2(class_aggregation=None),
    _r2(class_aggregation="variance_weighted_average", num_regressors=2),
    _overlap("IoU", (LABELS, PREDICTED), ref.overlap([1]), target_class_ids=[1]),
    _overlap("IoU", (LABELS, PREDICTED), ref.overlap([0, 3], ignored=2), target_class_ids=[0, 3], ignore_class=2),
    _overlap(
        "IoU",
        (np.moveaxis(PIXELS, -1, 1), PREDICTED),
        ref.overlap([0, 2], of_targets=lambda y: np.argmax(y, axis=1)),
        target_class_ids=[0, 2],
        sparse_y_true=False,
        axis=1,
    ),
    _overlap("MeanIoU", (LABELS, PREDICTED), ref.overlap(range(4))),
    _overlap(
        "BinaryIoU",
        (BINARY, PROBABILITIES),
        ref.overlap([0, 1], of_predictions=lambda p: p >= 0.4),
        threshold=0.4,
    ),
    _overlap(
        "BinaryIoU", (BINARY, PROBABILITIES), ref.overlap([1], of_predictions=lambda p: p >= 0.5), target_class_ids=[1]
    ),
    _overlap(
        "OneHotIoU",
        (PIXELS, PIXEL_SCORES),
        ref.overlap([1, 2], of_targets=_highest, of_predictions=_highest),
        target_class_ids=[1, 2],
    ),
    _overlap("OneHotMeanIoU", (PIXELS, PREDICTED), ref.overlap(range(4), of_targets=_highest), sparse_y_pred=True),
)
"""Cases of every metric of this package."""
