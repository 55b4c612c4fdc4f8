"""The best that a classifier reaches in one respect where it is good enough in another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.arguments import check_fraction
from dl_train.metrics import confusion
from dl_train.metrics.confusion import OUTCOMES, ConfusionMetric, check_whole, one_class
from dl_train.metrics.inputs import fitted


class _OperatingPoint(ConfusionMetric):
    """Base of these metrics: the highest of one share over all thresholds where another is at least `value`."""

    _argument: ClassVar[str]
    """Name of the constructor's first argument."""
    _required: ClassVar[Callable[..., Any]]
    _wanted: ClassVar[Callable[..., Any]]

    def _start(self, value: float, num_thresholds: int, class_id: int | None) -> None:
        name = type(self).__name__
        check_fraction(name, self._argument, value)
        check_whole(name, "num_thresholds", num_thresholds, least=1)
        check_whole(name, "class_id", class_id)
        self.value, self.num_thresholds, self.class_id = value, num_thresholds, class_id
        setattr(self, self._argument, value)
        last = num_thresholds - 1
        self.thresholds = [i / last for i in range(num_thresholds)] if last else [0.5]
        self._set_thresholds(self.thresholds)
        self._count_in(OUTCOMES, (num_thresholds,))

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor_like, shape (batch, ...)
            0 or 1; with `class_id` of shape (batch, ..., classes).
        y_pred : tensor_like
            Of the same shape, in [0, 1].
        sample_weight : tensor_like, optional
            For leading axes.
        """
        target, output, weights = fitted(self, y_true, y_pred, sample_weight)
        if self.class_id is not None:
            target, output, weights = one_class(self, self.class_id, target, output, weights)
        self._count(target, output, weights)

    def result(self) -> Tensor:
        required: Any = self._values(self._required)
        wanted = self._values(self._wanted)
        best: Tensor = ops.max(ops.where(required >= self.value, wanted, ops.zeros_like(wanted)))
        return best

    def get_config(self) -> dict[str, Any]:
        settings = {"num_thresholds": self.num_thresholds, "class_id": self.class_id, self._argument: self.value}
        return {**super().get_config(), **settings}


@public("keras.metrics.SensitivityAtSpecificity")
class SensitivityAtSpecificity(_OperatingPoint):
    """Highest sensitivity, ``tp / (tp + fn)``, at the thresholds where the specificity, ``tn / (tn + fp)``, is at least
    a given one; 0 if there is no such threshold.

    Parameters
    ----------
    specificity : float
        In [0, 1].
    num_thresholds : int, default 200
        Predictions above a threshold are positive; thresholds are evenly spaced from 0 to 1, a single one is 0.5.
    class_id : int, optional
        Only this class counts, a place on the last axis.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> metric = SensitivityAtSpecificity(0.5)
    >>> float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    _argument = "specificity"
    _required = staticmethod(confusion.specificity)
    _wanted = staticmethod(confusion.sensitivity)

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._start(specificity, num_thresholds, class_id)


@public("keras.metrics.SpecificityAtSensitivity")
class SpecificityAtSensitivity(_OperatingPoint):
    """Highest specificity, ``tn / (tn + fp)``, at the thresholds where the sensitivity, ``tp / (tp + fn)``, is at least
    a given one; 0 if there is no such threshold.

    Parameters
    ----------
    sensitivity : float
        In [0, 1].
    num_thresholds : int, default 200
        Predictions above a threshold are positive; thresholds are evenly spaced from 0 to 1, a single one is 0.5.
    class_id : int, optional
        Only this class counts, a place on the last axis.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> metric = SpecificityAtSensitivity(0.5)
    >>> float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.666...
    """

    _argument = "sensitivity"
    _required = staticmethod(confusion.sensitivity)
    _wanted = staticmethod(confusion.specificity)

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._start(sensitivity, num_thresholds, class_id)


@public("keras.metrics.PrecisionAtRecall")
class PrecisionAtRecall(_OperatingPoint):
    """Highest precision, ``tp / (tp + fp)``, at the thresholds where the recall, ``tp / (tp + fn)``, is at least a
    given one; 0 if there is no such threshold.

    Parameters
    ----------
    recall : float
        In [0, 1].
    num_thresholds : int, default 200
        Predictions above a threshold are positive; thresholds are evenly spaced from 0 to 1, a single one is 0.5.
    class_id : int, optional
        Only this class counts, a place on the last axis.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> metric = PrecisionAtRecall(0.5)
    >>> float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    _argument = "recall"
    _required = staticmethod(confusion.sensitivity)
    _wanted = staticmethod(confusion.precision)

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._start(recall, num_thresholds, class_id)


@public("keras.metrics.RecallAtPrecision")
class RecallAtPrecision(_OperatingPoint):
    """Highest recall, ``tp / (tp + fn)``, at the thresholds where the precision, ``tp / (tp + fp)``, is at least a
    given one; 0 if there is no such threshold.

    Parameters
    ----------
    precision : float
        In [0, 1].
    num_thresholds : int, default 200
        Predictions above a threshold are positive; thresholds are evenly spaced from 0 to 1, a single one is 0.5.
    class_id : int, optional
        Only this class counts, a place on the last axis.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> metric = RecallAtPrecision(0.8)
    >>> float(metric([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
    0.5
    """

    _argument = "precision"
    _required = staticmethod(confusion.precision)
    _wanted = staticmethod(confusion.sensitivity)

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._start(precision, num_thresholds, class_id)
