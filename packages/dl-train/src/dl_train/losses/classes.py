"""Losses as classes, with weights, masks and reduction."""

from __future__ import annotations

from typing import Any

from dl_ops.objects import public
from dl_train.losses.base import LossFunctionWrapper
from dl_train.losses.functions import (
    binary_crossentropy,
    categorical_crossentropy,
    counted,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)

SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


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
        self,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "mean_squared_error",
        dtype: Any = None,
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
        self,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


@public("keras.losses.BinaryCrossentropy")
class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of yes-no predictions: ``mean(-y_true * log(p) - (1 - y_true) * log(1 - p))``.

    Parameters
    ----------
    from_logits : bool, default False
        Whether predictions are logits, not probabilities.
    label_smoothing : float, default 0.0
        In [0, 1]: targets are moved towards 0.5 by this fraction.
    axis : int, default -1
        Axis of the mean.
    reduction, name, dtype
        As for `Loss`.

    Raises
    ------
    ValueError
        If `label_smoothing` is not in [0, 1].

    Examples
    --------
    >>> float(BinaryCrossentropy(from_logits=True)([[1.0], [0.0]], [[0.0], [0.0]]))
    0.6931...
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        _check_smoothing(self, label_smoothing)
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


@public("keras.losses.CategoricalCrossentropy")
class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of predicted class probabilities with one-hot targets: ``-sum(y_true * log(p))`` along an axis.

    Parameters
    ----------
    from_logits : bool, default False
        Whether predictions are logits, not probabilities.
    label_smoothing : float, default 0.0
        In [0, 1]: this fraction of the targets is spread evenly over the classes.
    axis : int, default -1
        Axis of the classes.
    reduction, name, dtype
        As for `Loss`.

    Raises
    ------
    ValueError
        If `label_smoothing` is not in [0, 1].

    Examples
    --------
    >>> float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]))
    0.6931...
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        _check_smoothing(self, label_smoothing)
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


@public("keras.losses.SparseCategoricalCrossentropy")
class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of predicted class probabilities with classes given by number.

    Parameters
    ----------
    from_logits : bool, default False
        Whether predictions are logits, not probabilities.
    ignore_class : int, optional
        Class whose samples do not count, such as -1 for unlabelled pixels.
    reduction : str or None, default "sum_over_batch_size"
    axis : int, default -1
        Axis of the classes.
    name, dtype
        As for `Loss`.

    Examples
    --------
    >>> loss = SparseCategoricalCrossentropy(ignore_class=-1)
    >>> float(loss([1, -1], [[0.5, 0.5], [0.9, 0.1]]))
    0.6931...
    """

    casts_targets = False

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.fn(y_true, y_pred, **self.kwargs)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.axis == -1:
            del config["axis"]  # Keras does not write it
        return config

    def mask(self, y_true: Any, losses: Any) -> Any:
        return None if self.ignore_class is None else counted(y_true, losses.ndim, self.ignore_class)


def _check_smoothing(loss: LossFunctionWrapper, label_smoothing: float) -> None:
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{type(loss).__name__}(label_smoothing={label_smoothing!r}): expected a number in [0, 1]")
