"""F-scores, means of precision and recall."""

from __future__ import annotations

from typing import Any, Final

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_ops.variable import Variable
from dl_train.losses.arguments import check_fraction, check_positive
from dl_train.metrics.base import Metric
from dl_train.metrics.inputs import fitted, in_two_axes

_AVERAGES: Final = (None, "micro", "macro", "weighted")
_NAMES: Final = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")


@public("keras.metrics.FBetaScore")
class FBetaScore(Metric):
    """Harmonic mean of precision and recall, where recall counts ``beta ** 2`` times.

    ``(1 + beta ** 2) * tp / ((1 + beta ** 2) * tp + beta ** 2 * fn + fp)``, and 0 if there is nothing to be found and
    nothing is.

    Parameters
    ----------
    average : {None, "micro", "macro", "weighted"}
        What becomes of the scores of the classes: each is a result; one score of the counts of all classes; their
        mean; or their mean weighted by the number of samples of a class.
    beta : float, default 1.0
        Positive.
    threshold : float, optional
        Predictions above it are positive, in (0, 1]. By default the highest of each sample is, of equal ones the first.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    References
    ----------
    van Rijsbergen, "Information Retrieval", 2nd edition, 1979, chapter 7.

    Examples
    --------
    >>> metric = FBetaScore(beta=2.0, threshold=0.5)
    >>> metric([[1, 1, 1], [1, 0, 0], [1, 1, 0]], [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]).tolist()
    [0.3846..., 0.9090..., 0.8333...]
    """

    true_positives: Variable
    false_positives: Variable
    false_negatives: Variable
    intermediate_weights: Variable

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        where = type(self).__name__
        if average not in _AVERAGES:
            raise ValueError(f"{where}(average={average!r}): expected one of {', '.join(map(repr, _AVERAGES))}")
        check_positive(where, "beta", beta)
        if threshold is not None:
            check_positive(where, "threshold", threshold)
            check_fraction(where, "threshold", threshold)
        super().__init__(name=name, dtype=dtype)
        self.average, self.beta, self.threshold = average, beta, threshold
        self._counts: list[Variable] = []
        if average == "micro":
            self._create(())

    def _create(self, shape: tuple[int, ...]) -> None:
        self._counts = [self.add_variable(shape, "zeros", name=name) for name in _NAMES]
        self.true_positives, self.false_positives, self.false_negatives, self.intermediate_weights = self._counts

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor_like, shape (batch, classes)
            0 or 1.
        y_pred : tensor_like, shape (batch, classes)
        sample_weight : tensor_like, shape (batch,), optional
        """
        target, output, weights = fitted(self, y_true, y_pred, sample_weight)
        classes = in_two_axes(self, output)
        if not self._counts:
            self._create((classes,))
        if self._counts[0].shape not in ((), (classes,)):
            raise ValueError(f"{self.name}: y_pred has {classes} classes, expected {self._counts[0].shape[0]}")
        if self.threshold is None:
            found = ops.one_hot(ops.argmax(output, axis=-1), classes, dtype=self._dtype)
        else:
            found = ops.cast(ops.greater(output, self.threshold), self._dtype)
        wrong, missed = found * (1.0 - target), target * (1.0 - found)
        parts = (found * target, wrong, missed, target)
        axis = None if self.average == "micro" else 0
        sums = [ops.sum(part if weights is None else part * weights, axis=axis) for part in parts]
        self._add(*zip(self._counts, sums, strict=True))

    def result(self) -> Tensor:
        if not self._counts:
            raise ValueError(f"{self.name}: no result before the first batch, which tells the number of classes")
        found, wrong, missed, support = (variable.value for variable in self._counts)
        square = self.beta**2
        scores: Any = ops.divide_no_nan((1 + square) * found, (1 + square) * found + square * missed + wrong)
        if self.average == "macro":
            return ops.mean(scores)
        if self.average == "weighted":
            return ops.divide_no_nan(ops.sum(scores * support), ops.sum(support))
        return scores  # type: ignore[no-any-return]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "average": self.average, "beta": self.beta, "threshold": self.threshold}


@public("keras.metrics.F1Score")
class F1Score(FBetaScore):
    """Harmonic mean of precision and recall: ``2 * tp / (2 * tp + fn + fp)``.

    Parameters
    ----------
    average : {None, "micro", "macro", "weighted"}
        As for `FBetaScore`.
    threshold : float, optional
        Predictions above it are positive, in (0, 1]. By default the highest of each sample is, of equal ones the first.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> F1Score()([[1, 0], [0, 1], [0, 1]], [[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]]).tolist()
    [0.666..., 0.666...]
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["beta"]
        return config
