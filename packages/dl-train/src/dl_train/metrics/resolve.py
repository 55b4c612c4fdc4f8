"""What the metrics given to ``compile()`` stand for, once the shapes of targets and predictions are known."""

from __future__ import annotations

from typing import Any

from dl_ops.typing import Shape
from dl_train.metrics.accuracy import BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from dl_train.metrics.base import Metric
from dl_train.metrics.reduction import MeanMetricWrapper


def accuracy_for(
    y_true_shape: Shape, y_pred_shape: Shape
) -> type[BinaryAccuracy | SparseCategoricalAccuracy | CategoricalAccuracy]:
    """The accuracy that ``"accuracy"`` and ``"acc"`` stand for.

    Parameters
    ----------
    y_true_shape, y_pred_shape : tuple of int or None

    Returns
    -------
    type
        `BinaryAccuracy` for a single prediction, `SparseCategoricalAccuracy` for class numbers, else
        `CategoricalAccuracy`.

    Examples
    --------
    >>> accuracy_for((None,), (None, 10)).__name__, accuracy_for((None, 1), (None, 1)).__name__
    ('SparseCategoricalAccuracy', 'BinaryAccuracy')
    """
    if not y_pred_shape or y_pred_shape[-1] == 1:
        return BinaryAccuracy
    if len(y_true_shape) < len(y_pred_shape) or (y_true_shape and y_true_shape[-1] == 1):
        return SparseCategoricalAccuracy
    return CategoricalAccuracy


def metric_for(identifier: Any, y_true_shape: Shape, y_pred_shape: Shape) -> Metric | None:
    """Metric for what ``compile(metrics=…)`` accepts.

    Parameters
    ----------
    identifier : str, dict, type, Metric, callable or None
        ``"accuracy"`` and ``"acc"`` mean what `accuracy_for` says; else as for `get`. A function is wrapped.
    y_true_shape, y_pred_shape : tuple of int or None

    Returns
    -------
    Metric or None
        Named like the string that was given.

    Examples
    --------
    >>> metric_for("acc", (None,), (None, 10))
    <SparseCategoricalAccuracy name=acc>
    >>> metric_for("mse", (None, 1), (None, 1))
    <MeanSquaredError name=mse>
    """
    from dl_train.metrics import get

    if isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc"):
        return accuracy_for(y_true_shape, y_pred_shape)(name=identifier)
    metric = get(identifier)
    if metric is None:
        return None
    if not isinstance(metric, Metric):
        name = getattr(metric, "__name__", type(metric).__name__)
        return MeanMetricWrapper(metric, name="lambda" if name == "<lambda>" else name)
    if isinstance(identifier, str):
        # variables are named anew, since paths hold the metric's name
        return type(metric).from_config({**metric.get_config(), "name": identifier})
    return metric
