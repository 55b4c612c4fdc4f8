"""Metrics, ``keras.metrics``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from dl_ops.naming import to_snake_case
from dl_ops.objects import Identifiers
from dl_train.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from dl_train.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from dl_train.metrics.auc import (
    AUC,
)
from dl_train.metrics.base import (
    Metric,
)
from dl_train.metrics.correlation import (
    ConcordanceCorrelation,
    PearsonCorrelation,
    concordance_correlation,
    pearson_correlation,
)
from dl_train.metrics.counts import (
    FalseNegatives,
    FalsePositives,
    Precision,
    Recall,
    TrueNegatives,
    TruePositives,
)
from dl_train.metrics.fscore import (
    F1Score,
    FBetaScore,
)
from dl_train.metrics.hinges import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
)
from dl_train.metrics.iou import (
    BinaryIoU,
    IoU,
    MeanIoU,
    OneHotIoU,
    OneHotMeanIoU,
)
from dl_train.metrics.operating_points import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from dl_train.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
)
from dl_train.metrics.r2 import (
    R2Score,
)
from dl_train.metrics.reduction import (
    Mean,
    MeanMetricWrapper,
    Sum,
)
from dl_train.metrics.regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    RootMeanSquaredError,
)

_CLASSES: Final[tuple[type[Metric], ...]] = (
    AUC,
    Accuracy,
    BinaryAccuracy,
    BinaryCrossentropy,
    BinaryIoU,
    CategoricalAccuracy,
    CategoricalCrossentropy,
    CategoricalHinge,
    ConcordanceCorrelation,
    CosineSimilarity,
    F1Score,
    FBetaScore,
    FalseNegatives,
    FalsePositives,
    Hinge,
    IoU,
    KLDivergence,
    LogCoshError,
    Mean,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanIoU,
    MeanMetricWrapper,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    OneHotIoU,
    OneHotMeanIoU,
    PearsonCorrelation,
    Poisson,
    Precision,
    PrecisionAtRecall,
    R2Score,
    Recall,
    RecallAtPrecision,
    RootMeanSquaredError,
    SensitivityAtSpecificity,
    SparseCategoricalAccuracy,
    SparseCategoricalCrossentropy,
    SparseTopKCategoricalAccuracy,
    SpecificityAtSensitivity,
    SquaredHinge,
    Sum,
    TopKCategoricalAccuracy,
    TrueNegatives,
    TruePositives,
)
_SHORT: Final = {
    "bce": BinaryCrossentropy,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError,
}

_identifiers: Final = Identifiers[Any](
    "metric",
    {
        **{cls.__name__: cls for cls in _CLASSES},
        **{to_snake_case(cls.__name__): cls for cls in _CLASSES},
        **_SHORT,
        **{name.upper(): cls for name, cls in _SHORT.items()},
    },
)


def get(identifier: Any) -> Metric | Callable[..., Any] | None:
    """Metric for a name, a config, a class, a metric or a function.

    Parameters
    ----------
    identifier : str, dict, type, Metric or callable
        Names are those of classes, in either spelling: ``"MeanSquaredError"``, ``"mean_squared_error"``, and ``"mse"``.
        ``"acc"``, and what kind of accuracy is meant, is for `dl_train.metrics.resolve.metric_for`, which knows the
        shapes. ``None`` gives ``None``.

    Returns
    -------
    Metric, callable or None

    Raises
    ------
    ValueError
        If the name is unknown, with the names that are nearest, or `identifier` is none of these.

    Examples
    --------
    >>> get("mse")
    <MeanSquaredError name=mean_squared_error>
    """
    return _identifiers.get(identifier)  # type: ignore[no-any-return]  # metrics and functions have no common type


def serialize(metric: Metric | Callable[..., Any]) -> Any:
    """Config of a metric or function.

    Parameters
    ----------
    metric : Metric or callable

    Returns
    -------
    dict

    Examples
    --------
    >>> serialize(Mean(name="loss"))["config"]["name"]
    'loss'
    """
    return _identifiers.serialize(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Metric | Callable[..., Any]:
    """Metric or function of a config.

    Parameters
    ----------
    config : dict or str
        What `serialize` returned, or a name.
    custom_objects : mapping from name to class or function, optional

    Returns
    -------
    Metric or callable

    Raises
    ------
    ValueError, TypeError
        If the config describes no metric.

    Examples
    --------
    >>> deserialize(serialize(Mean(name="loss")))
    <Mean name=loss>
    """
    return _identifiers.deserialize(config, custom_objects)  # type: ignore[no-any-return]  # metrics and functions have no common type


__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PearsonCorrelation",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "concordance_correlation",
    "deserialize",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "pearson_correlation",
    "poisson",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]
