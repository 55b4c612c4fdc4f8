"""Area under a curve that a varied threshold draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Self

from dl_ops import config, ops
from dl_ops.objects import deserialize_keras_object, public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.weighting import as_tensor
from dl_train.metrics.confusion import (
    OUTCOMES,
    ConfusionMetric,
    check_whole,
    fall_out,
    numbers_in_unit_interval,
    precision,
    sensitivity,
)
from dl_train.metrics.inputs import fitted, in_two_axes


def _roc(*counts: Any) -> tuple[Any, Any]:
    return fall_out(*counts), sensitivity(*counts)


def _precision_recall(*counts: Any) -> tuple[Any, Any]:
    return sensitivity(*counts), precision(*counts)


_CURVES: Final[dict[str, Callable[..., tuple[Any, Any]]]] = {"ROC": _roc, "PR": _precision_recall}
# height of the curve between two thresholds
_HEIGHTS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "interpolation": lambda left, right: (left + right) / 2.0,
    "majoring": ops.maximum,
    "minoring": ops.minimum,
}


@public("keras.metrics.AUC")
class AUC(ConfusionMetric):
    """Area under the ROC or the precision-recall curve of a binary classifier, approximated at a number of thresholds.

    Predictions above a threshold count as positive. The curve has a point for each threshold: false positive rate and
    recall (ROC), or recall and precision (PR).

    Parameters
    ----------
    num_thresholds : int, default 200
        At least 2; they are evenly spaced in [0, 1], the first one below 0 and the last one above 1.
    curve : {"ROC", "PR"}
    summation_method : {"interpolation", "minoring", "majoring"}
        Between thresholds the curve has the mean, the lower or the higher of the two values. With ``"interpolation"``
        of ``"PR"`` true and false positives are interpolated, not precision.
    name, dtype
        As for `Metric`.
    thresholds : sequence of float, optional
        Thresholds in [0, 1], instead of `num_thresholds`; one below 0 and one above 1 are added.
    multi_label : bool, default False
        Average the areas of all labels (the last axis of predictions), instead of treating all predictions alike.
    num_labels : int, optional
        Number of labels with `multi_label`; by default the first batch tells.
    label_weights : sequence of float, optional
        Weights of the labels in that average; without `multi_label`, of their predictions.
    from_logits : bool, default False
        Whether predictions are logits, not probabilities.

    Raises
    ------
    ValueError
        If an argument is none of these.

    References
    ----------
    Davis & Goadrich, "The Relationship Between Precision-Recall and ROC Curves", ICML 2006, for the interpolation.

    Examples
    --------
    >>> metric = AUC(num_thresholds=3)
    >>> metric.update_state([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    >>> float(metric.result())
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        curve = str(curve).upper()
        for key, value, expected in (("curve", curve, _CURVES), ("summation_method", summation_method, _HEIGHTS)):
            if value not in expected:
                raise ValueError(f"AUC({key}={value!r}): expected one of {', '.join(map(repr, expected))}")
        super().__init__(name=name, dtype=dtype)
        self.curve, self.summation_method = curve, summation_method
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        if num_labels is not None and not multi_label:
            raise ValueError(f"AUC(num_labels={num_labels}): needs multi_label=True")
        self.label_weights = None if label_weights is None else [float(weight) for weight in label_weights]
        self._given = None if thresholds is None else sorted(numbers_in_unit_interval("AUC", "thresholds", thresholds))
        if self._given is None:
            check_whole("AUC", "num_thresholds", num_thresholds, least=2)
            inner = [i / (num_thresholds - 1) for i in range(1, num_thresholds - 1)]
        else:
            inner = self._given
        self._thresholds = [-config.epsilon(), *inner, 1.0 + config.epsilon()]
        self.num_thresholds = len(self._thresholds)
        self._set_thresholds(self._thresholds)
        if not multi_label:
            self._count_in(OUTCOMES, (self.num_thresholds,))
        elif num_labels is not None:
            self._count_in(OUTCOMES, (self.num_thresholds, num_labels))

    @property
    def thresholds(self) -> list[float]:
        """All thresholds, in increasing order, with those below 0 and above 1."""
        return list(self._thresholds)

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor_like, shape (batch, ...)
            0 or 1.
        y_pred : tensor_like, shape (batch, ...)
            Probabilities in [0, 1], or with `from_logits` logits; with `multi_label` of shape (batch, labels).
        sample_weight : tensor_like, optional
            For leading axes.
        """
        target, output, weights = fitted(self, y_true, y_pred, sample_weight)
        self._check_labels(output)
        if self.label_weights is not None and not self.multi_label:
            of_labels: Any = as_tensor(self.label_weights, self._backend, self._dtype)
            weights = of_labels if weights is None else weights * of_labels
        self._count(target, ops.sigmoid(output) if self.from_logits else output, weights)

    def _check_labels(self, y_pred: Any) -> None:
        """Check the number of labels with `multi_label`; the first batch tells it."""
        if not self.multi_label:
            return
        labels = in_two_axes(self, y_pred)
        if not self._counts:
            self._count_in(OUTCOMES, (self.num_thresholds, labels))
        expected = self._counts["true_positives"].shape[-1]
        if labels != expected:
            raise ValueError(f"{self.name}: y_pred has {labels} labels, expected {expected}")

    def result(self) -> Tensor:
        if not self._counts:
            raise ValueError(f"{self.name}: no result before the first batch, which tells the number of labels")
        counts = [variable.value for variable in self._counts.values()]
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = _interpolated_precision_recall(*counts)
        else:
            x, y = _CURVES[self.curve](*counts)
            areas = ops.sum((x[:-1] - x[1:]) * _HEIGHTS[self.summation_method](y[:-1], y[1:]), axis=0)
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return ops.mean(areas)
        weights: Any = as_tensor(self.label_weights, self._backend, self._dtype)
        return ops.divide_no_nan(ops.sum(areas * weights), ops.sum(weights))

    def interpolate_pr_auc(self) -> Tensor:
        """Area under the precision-recall curve of each label, true positives linear in all predicted positives."""
        return _interpolated_precision_recall(*(variable.value for variable in self._counts.values()))

    def get_config(self) -> dict[str, Any]:
        settings = {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self.from_logits,
        }
        if self._given is not None:
            settings["thresholds"] = self._given
        return {**super().get_config(), **settings}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        # Keras writes weights of labels as a tensor
        return cls(**deserialize_keras_object(dict(config)))


def _interpolated_precision_recall(tp: Any, fp: Any, tn: Any, fn: Any) -> Tensor:
    """Integral of precision over recall where true positives are linear in predicted positives between thresholds.

    With ``tp = a + b * p``, the integral of ``tp / p`` over ``dtp = b * dp`` from ``p1`` to ``p2`` is
    ``b * (b * (p2 - p1) + a * log(p2 / p1))``.
    """
    p = tp + fp
    rise = tp[:-1] - tp[1:]
    slope = ops.divide_no_nan(rise, p[:-1] - p[1:])
    intercept = tp[1:] - slope * p[1:]
    both = ops.logical_and(p[:-1] > 0, p[1:] > 0)
    ratio = ops.where(both, ops.divide_no_nan(p[:-1], p[1:]), ops.ones_like(rise))
    area = slope * (rise + intercept * ops.log(ratio))
    return ops.sum(ops.divide_no_nan(area, tp[1:] + fn[1:]), axis=0)
