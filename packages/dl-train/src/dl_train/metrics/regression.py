"""Errors of predicted numbers: losses as metrics, their means over all samples."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train import losses
from dl_train.metrics.inputs import fitted
from dl_train.metrics.reduction import Mean, MeanMetricWrapper


@public("keras.metrics.MeanSquaredError")
class MeanSquaredError(MeanMetricWrapper):
    """Mean of squared differences between predictions and targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]]))
    2.0
    """

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_squared_error, name=name, dtype=dtype)


@public("keras.metrics.MeanAbsoluteError")
class MeanAbsoluteError(MeanMetricWrapper):
    """Mean of absolute differences between predictions and targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]]))
    1.0
    """

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_absolute_error, name=name, dtype=dtype)


@public("keras.metrics.MeanAbsolutePercentageError")
class MeanAbsolutePercentageError(MeanMetricWrapper):
    """Mean of absolute differences between predictions and targets, in percent of the targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(MeanAbsolutePercentageError()([[1.0], [2.0]], [[1.1], [2.0]]))
    5.0...
    """

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name=name, dtype=dtype)


@public("keras.metrics.MeanSquaredLogarithmicError")
class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """Mean of squared differences between the logarithms of predictions and of targets, to each of which 1 is added.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(MeanSquaredLogarithmicError()([[0.0], [1.0]], [[1.0], [1.0]]))
    0.2402...
    """

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name=name, dtype=dtype)


@public("keras.metrics.LogCoshError")
class LogCoshError(MeanMetricWrapper):
    """Mean logarithm of the hyperbolic cosine of differences between predictions and targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(LogCoshError()([[0.0], [1.0]], [[1.0], [1.0]]))
    0.2168...
    """

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(losses.log_cosh, name=name, dtype=dtype)


@public("keras.metrics.RootMeanSquaredError")
class RootMeanSquaredError(Mean):
    """Root of the mean of squared differences between predictions and targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(RootMeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]]))
    1.4142...
    """

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:  # type: ignore[override]  # a metric's arguments are its own
        """Take a batch into account.

        Parameters
        ----------
        y_true, y_pred : tensor_like, shape (batch, ...)
        sample_weight : tensor_like, optional
            For leading axes.
        """
        target, output, weights = fitted(self, y_true, y_pred, sample_weight)
        self._update(ops.square(target - output), weights, None)

    def result(self) -> Tensor:
        return ops.sqrt(super().result())


def _cosine(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Cosine similarity, of which the loss is the negative."""
    return -losses.cosine_similarity(y_true, y_pred, axis=axis)


@public("keras.metrics.CosineSimilarity")
class CosineSimilarity(MeanMetricWrapper):
    """Mean cosine of the angle between predictions and targets; 0 where one of the two is zero.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    axis : int, default -1
        Axis of the vectors.

    Examples
    --------
    >>> round(float(CosineSimilarity()([[0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [2.0, 2.0]])), 4)
    0.5
    """

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(_cosine, name=name, dtype=dtype, axis=axis)
        self.axis = axis
