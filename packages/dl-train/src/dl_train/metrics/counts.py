"""Numbers of true and false positives and negatives, and the two shares made of them that are used most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.metrics import confusion
from dl_train.metrics.confusion import ConfusionMetric, check_whole, numbers_in_unit_interval, one_class, only_top
from dl_train.metrics.inputs import fitted


class _AtThresholds(ConfusionMetric):
    """Base of metrics that give one value for each threshold that is asked for, or just the one."""

    _whole_top: ClassVar[float] = -1e10
    """Threshold that all of the highest predictions exceed."""

    def _start(self, thresholds: Any, default: float = 0.5) -> None:
        if isinstance(thresholds, (tuple, np.ndarray)):
            thresholds = np.asarray(thresholds).tolist()
        self.init_thresholds = thresholds
        name = type(self).__name__
        self.thresholds = [default] if thresholds is None else numbers_in_unit_interval(name, "thresholds", thresholds)
        self._set_thresholds(self.thresholds)

    def result(self) -> Tensor:
        values = self._values(self._result_of)
        return ops.squeeze(values, 0) if len(self.thresholds) == 1 else values

    def _result_of(self, tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self.init_thresholds}


class _Count(_AtThresholds):
    """Base of the counts of one outcome."""

    _outcome: ClassVar[str]

    def __init__(
        self, thresholds: float | Sequence[float] | None = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._start(thresholds)
        self._count_in([self._outcome], (len(self.thresholds),), name="accumulator")

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor_like, shape (batch, ...)
            0 or 1.
        y_pred : tensor_like, shape (batch, ...)
        sample_weight : tensor_like, optional
            For leading axes.
        """
        self._count(*fitted(self, y_true, y_pred, sample_weight))

    def result(self) -> Tensor:
        # a copy, as some backends change variables in place
        value = self._counts[self._outcome].value
        return ops.squeeze(value, 0) * 1 if len(self.thresholds) == 1 else ops.copy(value)


@public("keras.metrics.TruePositives")
class TruePositives(_Count):
    """Number of positives that are predicted as such, or the sum of their weights.

    Parameters
    ----------
    thresholds : float or sequence of float, default 0.5
        Predictions above a threshold are positive; in [0, 1], and 0 for logits. There is a result for each.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If a threshold is not in [0, 1].

    Examples
    --------
    >>> float(TruePositives()([0, 1, 1, 1], [1, 0, 1, 1]))
    2.0
    """

    _outcome = "true_positives"


@public("keras.metrics.FalsePositives")
class FalsePositives(_Count):
    """Number of negatives that are predicted as positive, or the sum of their weights.

    Parameters
    ----------
    thresholds : float or sequence of float, default 0.5
        Predictions above a threshold are positive; in [0, 1], and 0 for logits. There is a result for each.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If a threshold is not in [0, 1].

    Examples
    --------
    >>> FalsePositives([0.2, 0.6])([0, 1, 0, 0], [0.5, 0.9, 0.7, 0.1]).tolist()
    [2.0, 1.0]
    """

    _outcome = "false_positives"


@public("keras.metrics.TrueNegatives")
class TrueNegatives(_Count):
    """Number of negatives that are predicted as such, or the sum of their weights.

    Parameters
    ----------
    thresholds : float or sequence of float, default 0.5
        Predictions above a threshold are positive; in [0, 1], and 0 for logits. There is a result for each.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If a threshold is not in [0, 1].

    Examples
    --------
    >>> float(TrueNegatives()([0, 1, 0, 0], [1, 0, 0, 0]))
    2.0
    """

    _outcome = "true_negatives"


@public("keras.metrics.FalseNegatives")
class FalseNegatives(_Count):
    """Number of positives that are predicted as negative, or the sum of their weights.

    Parameters
    ----------
    thresholds : float or sequence of float, default 0.5
        Predictions above a threshold are positive; in [0, 1], and 0 for logits. There is a result for each.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If a threshold is not in [0, 1].

    Examples
    --------
    >>> float(FalseNegatives()([0, 1, 1, 1], [0, 1, 0, 0], sample_weight=[1, 1, 2, 0]))
    2.0
    """

    _outcome = "false_negatives"


class _Share(_AtThresholds):
    """Base of precision and recall."""

    _outcomes: ClassVar[tuple[str, str]]

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        check_whole(type(self).__name__, "top_k", top_k, least=1)
        check_whole(type(self).__name__, "class_id", class_id)
        super().__init__(name=name, dtype=dtype)
        self.top_k, self.class_id = top_k, class_id
        self._start(thresholds, default=0.5 if top_k is None else self._whole_top)
        self._count_in(self._outcomes, (len(self.thresholds),))

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor_like, shape (batch, ...)
            0 or 1; with `top_k` and `class_id` of shape (batch, ..., classes).
        y_pred : tensor_like
            Of the same shape.
        sample_weight : tensor_like, optional
            For leading axes.
        """
        target, output, weights = fitted(self, y_true, y_pred, sample_weight)
        if self.top_k is not None:
            output = only_top(output, self.top_k)
        if self.class_id is not None:
            target, output, weights = one_class(self, self.class_id, target, output, weights)
        self._count(target, output, weights)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "top_k": self.top_k, "class_id": self.class_id}


@public("keras.metrics.Precision")
class Precision(_Share):
    """Share of predicted positives that are positive: ``tp / (tp + fp)``, and 0 if nothing is predicted as positive.

    Parameters
    ----------
    thresholds : float or sequence of float, optional
        Predictions above a threshold are positive; in [0, 1], and 0 for logits. There is a result for each. By default
        0.5, with `top_k` below everything.
    top_k : int, optional
        Only the `top_k` highest predictions of each sample can be positive; of equal ones, the first.
    class_id : int, optional
        Only this class counts, a place on the last axis.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If a threshold is not in [0, 1], `top_k` not positive or `class_id` no integer.

    Examples
    --------
    >>> float(Precision()([0, 1, 1, 1], [1, 0, 1, 1]))
    0.666...
    >>> float(Precision(top_k=2)([[0, 1, 0]], [[0.2, 0.1, 0.3]]))
    0.0
    """

    _outcomes = ("true_positives", "false_positives")
    _result_of = staticmethod(confusion.precision)


@public("keras.metrics.Recall")
class Recall(_Share):
    """Share of positives that are predicted as such: ``tp / (tp + fn)``, and 0 if there are none.

    Parameters
    ----------
    thresholds : float or sequence of float, optional
        Predictions above a threshold are positive; in [0, 1], and 0 for logits. There is a result for each. By default
        0.5, with `top_k` below everything.
    top_k : int, optional
        Only the `top_k` highest predictions of each sample can be positive; of equal ones, the first.
    class_id : int, optional
        Only this class counts, a place on the last axis.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If a threshold is not in [0, 1], `top_k` not positive or `class_id` no integer.

    Examples
    --------
    >>> Recall([0.3, 0.6])([0, 1, 1, 1], [1, 0, 0.4, 0.7]).tolist()
    [0.666..., 0.333...]
    """

    _outcomes = ("true_positives", "false_negatives")
    _result_of = staticmethod(confusion.sensitivity)
