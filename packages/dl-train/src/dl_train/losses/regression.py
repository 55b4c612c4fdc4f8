"""Losses of numbers: means of differences, of their squares, and of those relative to the target."""

from __future__ import annotations

from typing import Any

from dl_ops import config, ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.base import SUM_OVER_BATCH_SIZE, LossFunctionWrapper
from dl_train.losses.weighting import float_pair


@public("keras.losses.mean_squared_error", "keras.metrics.mean_squared_error")
def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of squared differences along the last axis: ``mean((y_true - y_pred) ** 2)``.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., n)
        Where one has a last axis of size 1 that the other lacks, it is dropped or added.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> mean_squared_error([[0.0, 1.0]], [[2.0, 1.0]]).tolist()
    [2.0]
    """
    target, output = float_pair(y_true, y_pred, "mean_squared_error")
    return ops.mean(ops.square(target - output), axis=-1)


@public("keras.losses.mean_absolute_error", "keras.metrics.mean_absolute_error")
def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of absolute differences along the last axis: ``mean(abs(y_true - y_pred))``.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., n)
        Where one has a last axis of size 1 that the other lacks, it is dropped or added.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> mean_absolute_error([[0.0, 1.0]], [[2.0, 1.0]]).tolist()
    [1.0]
    """
    target, output = float_pair(y_true, y_pred, "mean_absolute_error")
    return ops.mean(ops.absolute(target - output), axis=-1)


@public("keras.losses.mean_absolute_percentage_error", "keras.metrics.mean_absolute_percentage_error")
def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of absolute differences in percent of the targets: ``100 * mean(abs(y_true - y_pred) / abs(y_true))``.

    Parameters
    ----------
    y_true : tensor_like, shape (..., n)
        Divided by as ``config.epsilon()`` at least, so that a target of 0 makes a very large loss.
    y_pred : tensor_like, shape (..., n)

    Returns
    -------
    tensor, shape (...)
        In percent.

    Examples
    --------
    >>> mean_absolute_percentage_error([[2.0, -1.0]], [[1.0, -1.0]]).tolist()
    [25.0]
    """
    target, output = float_pair(y_true, y_pred, "mean_absolute_percentage_error")
    shares = (target - output) / ops.maximum(ops.absolute(target), config.epsilon())
    return 100.0 * ops.mean(ops.absolute(shares), axis=-1)  # type: ignore[no-any-return]


@public("keras.losses.mean_squared_logarithmic_error", "keras.metrics.mean_squared_logarithmic_error")
def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of squared differences of logarithms: ``mean((log(1 + y_true) - log(1 + y_pred)) ** 2)``.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., n)
        Counts, prices and the like; what is below ``config.epsilon()`` counts as that.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> mean_squared_logarithmic_error([[1.0, 3.0]], [[3.0, 3.0]]).tolist()
    [0.2402...]
    """
    target, output = (
        ops.log1p(ops.maximum(y, config.epsilon()))
        for y in float_pair(y_true, y_pred, "mean_squared_logarithmic_error")
    )
    return ops.mean(ops.square(target - output), axis=-1)


@public("keras.losses.MeanSquaredError")
class MeanSquaredError(LossFunctionWrapper):
    """Mean of squared differences: ``mean((y_true - y_pred) ** 2)``.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> float(MeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]]))
    0.5
    """

    def __init__(
        self, reduction: str | None = SUM_OVER_BATCH_SIZE, name: str | None = "mean_squared_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


@public("keras.losses.MeanAbsoluteError")
class MeanAbsoluteError(LossFunctionWrapper):
    """Mean of absolute differences: ``mean(abs(y_true - y_pred))``.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> float(MeanAbsoluteError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]]))
    0.5
    """

    def __init__(
        self, reduction: str | None = SUM_OVER_BATCH_SIZE, name: str | None = "mean_absolute_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


@public("keras.losses.MeanAbsolutePercentageError")
class MeanAbsolutePercentageError(LossFunctionWrapper):
    """Mean of absolute differences in percent of the targets: ``100 * mean(abs(y_true - y_pred) / abs(y_true))``.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> float(MeanAbsolutePercentageError()([[2.0], [1.0]], [[1.0], [1.0]]))
    25.0
    """

    def __init__(
        self,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


@public("keras.losses.MeanSquaredLogarithmicError")
class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """Mean of squared differences of logarithms: ``mean((log(1 + y_true) - log(1 + y_pred)) ** 2)``.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> float(MeanSquaredLogarithmicError()([[1.0], [3.0]], [[3.0], [3.0]]))
    0.2402...
    """

    def __init__(
        self,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)
