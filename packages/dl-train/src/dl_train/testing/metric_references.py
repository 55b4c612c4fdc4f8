"""Metrics as plain formulas over all data at once, in float64, to compare with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dl_ops.typing import Array

Reference = Callable[..., Any]


def ratio(a: Any, b: Any) -> Any:
    """``a / b``, and 0 where `b` is 0."""
    a, b = np.broadcast_arrays(np.asarray(a, "float64"), np.asarray(b, "float64"))
    return np.divide(a, b, out=np.zeros_like(a), where=b != 0)


def mean_of(values: Callable[[Any, Any], Any]) -> Reference:
    """Weighted mean of a function that gives one value, or several, for each sample."""

    def reference(y_true: Array, y_pred: Array, weights: Array) -> Any:
        target = y_true if y_true.dtype.kind == "i" else y_true.astype("float64")
        output = y_pred if y_pred.dtype.kind == "i" else y_pred.astype("float64")
        found = np.asarray(values(target, output), "float64")
        return np.average(found.reshape(len(found), -1).mean(1), weights=weights)

    return reference


def each(values: Callable[[Any, Any], Any]) -> Reference:
    """Weighted mean of a function that gives one value for each number of a sample, which are averaged."""
    return mean_of(lambda y, p: np.mean(values(y, p), axis=-1))


def among_highest(y: Any, p: Any, k: int) -> Array:
    """Whether the class `y` of each sample is among the `k` with the highest scores."""
    return np.array([y[i] in sorted(range(len(p[i])), key=lambda c: -p[i][c])[:k] for i in range(len(y))])


def counts(y_true: Array, y_pred: Array, weights: Array, threshold: float) -> tuple[float, float, float, float]:
    """True positives, false positives, true negatives, false negatives, one prediction after the other."""
    tp = fp = tn = fn = 0.0
    for y, p, w in zip(y_true, y_pred, weights, strict=True):
        for label, score in zip(np.ravel(y), np.ravel(p), strict=True):
            positive = score > np.float32(threshold)
            tp += w * (positive and label != 0)
            fp += w * (positive and label == 0)
            tn += w * (not positive and label == 0)
            fn += w * (not positive and label != 0)
    return tp, fp, tn, fn


def precision(tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
    """Share of predicted positives that are positive."""
    return ratio(tp, np.add(tp, fp))


def recall(tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
    """Share of positives that are found."""
    return ratio(tp, np.add(tp, fn))


def specificity(tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
    """Share of negatives that are left alone."""
    return ratio(tn, np.add(tn, fp))


def at_thresholds(
    function: Callable[..., Any],
    thresholds: float | Sequence[float] = 0.5,
    top_k: int | None = None,
    class_id: int | None = None,
) -> Reference:
    """A function of the four counts at each threshold."""

    def reference(y_true: Array, y_pred: Array, weights: Array) -> Any:
        if top_k is not None:
            y_pred = y_pred.astype("float64")
            for row in y_pred.reshape(-1, y_pred.shape[-1]):
                row[sorted(range(len(row)), key=lambda c: -row[c])[top_k:]] = -np.inf
        if class_id is not None:
            y_true, y_pred = y_true[..., class_id], y_pred[..., class_id]
        limits = [thresholds] if isinstance(thresholds, (int, float)) else thresholds
        values = np.array([function(*counts(y_true, y_pred, weights, t)) for t in limits])
        return values[0] if len(limits) == 1 else values

    return reference


def best(
    wanted: Callable[..., Any],
    required: Callable[..., Any],
    least: float,
    number: int = 200,
    class_id: int | None = None,
) -> Reference:
    """Highest of one share over all thresholds where another is at least so much."""

    def reference(y_true: Array, y_pred: Array, weights: Array) -> Any:
        if class_id is not None:
            y_true, y_pred = y_true[..., class_id], y_pred[..., class_id]
        thresholds = np.linspace(0, 1, number) if number > 1 else [0.5]
        points = [counts(y_true, y_pred, weights, t) for t in thresholds]
        return max([wanted(*point) for point in points if required(*point) >= least], default=0.0)

    return reference


def area(
    curve: str, method: str, thresholds: Sequence[float], label_weights: Sequence[float] | None = None
) -> Reference:
    """Area under a curve between thresholds; with weights of labels, the weighted mean of the labels' areas."""

    def of_one(y_true: Array, y_pred: Array, weights: Array) -> float:
        limits = [-1e-7, *thresholds, 1 + 1e-7]
        tp, fp, tn, fn = np.array([counts(y_true, y_pred, weights, t) for t in limits]).T
        if curve == "PR" and method == "interpolation":
            return _precision_recall(tp, fp, fn)
        x = 1 - specificity(tp, fp, tn, fn) if curve == "ROC" else recall(tp, fp, tn, fn)
        y = recall(tp, fp, tn, fn) if curve == "ROC" else precision(tp, fp, tn, fn)
        heights = {"interpolation": (y[:-1] + y[1:]) / 2}
        heights |= {"minoring": np.minimum(y[:-1], y[1:]), "majoring": np.maximum(y[:-1], y[1:])}
        return float(np.sum((x[:-1] - x[1:]) * heights[method]))

    def reference(y_true: Array, y_pred: Array, weights: Array) -> Any:
        if label_weights is None:
            return of_one(y_true, y_pred, weights)
        areas = [of_one(y_true[:, i], y_pred[:, i], weights) for i in range(y_true.shape[1])]
        return np.average(areas, weights=label_weights)

    return reference


def _precision_recall(tp: Array, fp: Array, fn: Array) -> float:
    """Integral of precision over recall by Gauss's rule, true and false positives linear between thresholds."""
    nodes, sizes = np.polynomial.legendre.leggauss(40)
    places, total = (nodes + 1) / 2, 0.0
    for i in range(len(tp) - 1):
        t, f = (x[i] + places * (x[i + 1] - x[i]) for x in (tp, fp))
        total += np.sum(sizes / 2 * ratio(t, t + f)) * (tp[i] - tp[i + 1])
    return float(total / (tp + fn)[0])


def f_score(average: str | None, beta: float = 1.0, threshold: float | None = None) -> Reference:
    """F-score by way of precision and recall."""

    def score(tp: Any, fp: Any, fn: Any) -> Any:
        p, r = ratio(tp, tp + fp), ratio(tp, tp + fn)
        return ratio((1 + beta**2) * p * r, beta**2 * p + r)

    def reference(y_true: Array, y_pred: Array, weights: Array) -> Any:
        found = np.zeros(y_pred.shape)
        if threshold is None:
            found[range(len(found)), np.argmax(y_pred, axis=1)] = 1
        else:
            found[y_pred > threshold] = 1
        w = weights[:, None]
        tp, fp, fn = (np.sum(w * x, axis=0) for x in (found * y_true, found * (1 - y_true), (1 - found) * y_true))
        if average == "micro":
            return score(tp.sum(), fp.sum(), fn.sum())
        scores = score(tp, fp, fn)
        if average is None:
            return scores
        return np.average(scores, weights=None if average == "macro" else np.sum(w * y_true, axis=0))

    return reference


def r2_score(aggregation: str | None = "uniform_average", num_regressors: int = 0) -> Reference:
    """Coefficient of determination, from variances around the mean."""

    def reference(y_true: Array, y_pred: Array, weights: Array) -> Any:
        y, p, w = y_true.astype("float64"), y_pred.astype("float64"), weights[:, None]
        total = np.sum(w * (y - np.average(y, axis=0, weights=weights)) ** 2, axis=0)
        scores = 1 - np.sum(w * (y - p) ** 2, axis=0) / total
        if aggregation is not None:
            scores = np.average(scores, weights=None if aggregation == "uniform_average" else total)
        n = np.count_nonzero(weights)
        return 1 - (1 - scores) * (n - 1) / (n - num_regressors - 1) if num_regressors else scores

    return reference


def overlap(
    classes: Sequence[int],
    ignored: int | None = None,
    of_targets: Callable[[Array], Array] = np.asarray,
    of_predictions: Callable[[Array], Array] = np.asarray,
) -> Reference:
    """Intersection over union of sets of places, averaged over the classes that occur; `classes` are the known ones
    in `wanted`.
    """

    def reference(y_true: Array, y_pred: Array, weights: Array, known: int = 4) -> Any:
        y, p = of_targets(y_true), of_predictions(y_pred)
        w = np.broadcast_to(weights.reshape(-1, *[1] * (y.ndim - 1)), y.shape)
        w = np.where((y >= 0) & (y < known) & (p < known) & (y != ignored), w, 0.0)
        shares = []
        for c in classes:
            union = np.sum(w * ((y == c) | (p == c)))
            if union > 0:
                shares.append(np.sum(w * ((y == c) & (p == c))) / union)
        return np.mean(shares) if shares else 0.0

    return reference


def pearson(y: Array, p: Array) -> Array:
    """Correlation of each row."""
    return np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(y, p, strict=True)])


def concordance(y: Array, p: Array) -> Array:
    """Lin's coefficient of each row."""
    shares = []
    for a, b in zip(y, p, strict=True):
        (va, cov), (_, vb) = np.cov(a, b, bias=True)
        shares.append(2 * cov / (va + vb + (a.mean() - b.mean()) ** 2))
    return np.array(shares)
