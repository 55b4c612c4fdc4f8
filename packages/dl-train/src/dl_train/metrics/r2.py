"""The coefficient of determination."""

from __future__ import annotations

from typing import Any, Final

from dl_ops import ops
from dl_ops.dtypes import precision
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_ops.variable import Variable
from dl_train.losses.weighting import batch_size
from dl_train.metrics.base import Metric
from dl_train.metrics.confusion import check_whole
from dl_train.metrics.inputs import fitted, in_two_axes

_AGGREGATIONS: Final = (None, "uniform_average", "variance_weighted_average")


@public("keras.metrics.R2Score")
class R2Score(Metric):
    """Share of the targets' variance that predictions explain: ``1 - sum((y - p) ** 2) / sum((y - mean(y)) ** 2)``.

    1 is the best, 0 that of the mean as prediction. Targets that are all the same give 1 if predicted exactly, else 0.
    Sums of targets and of their squares are kept: targets whose mean is a thousand times their spread and more are
    better moved, or counted with ``dtype="float64"``.

    Parameters
    ----------
    class_aggregation : {"uniform_average", "variance_weighted_average", None}
        What becomes of the scores of the outputs, the last axis: their mean, their mean weighted by the variance of
        the targets, or each is a result.
    num_regressors : int, default 0
        Number of independent variables of the model, for which the score is then adjusted:
        ``1 - (1 - score) * (n - 1) / (n - num_regressors - 1)`` with `n` samples, where there are enough of them.
    name, dtype
        As for `Metric`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    References
    ----------
    Theil, "Economic Forecasts and Policy", 1961, for the adjustment.

    Examples
    --------
    >>> float(R2Score()([[1], [4], [3]], [[2], [4], [4]]))
    0.5714...
    """

    num_samples: Variable
    squared_sum: Variable
    sum: Variable
    residual: Variable
    count: Variable

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        if class_aggregation not in _AGGREGATIONS:
            expected = ", ".join(map(repr, _AGGREGATIONS))
            raise ValueError(f"R2Score(class_aggregation={class_aggregation!r}): expected one of {expected}")
        check_whole("R2Score", "num_regressors", num_regressors, least=0)
        super().__init__(name=name, dtype=dtype)
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_variable((), "zeros", name="num_samples")
        self._sums: list[Variable] = []

    def _create(self, outputs: int) -> None:
        names = ("squared_sum", "sum", "residual", "count")
        self._sums = [self.add_variable((outputs,), "zeros", name=name) for name in names]
        self.squared_sum, self.sum, self.residual, self.count = self._sums

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Take a batch into account.

        Parameters
        ----------
        y_true, y_pred : tensor_like, shape (batch, outputs)
        sample_weight : tensor_like, shape (batch,), optional
        """
        target, output, weights = fitted(self, y_true, y_pred, sample_weight)
        outputs = in_two_axes(self, output)
        if not self._sums:
            self._create(outputs)
        if self._sums[0].shape != (outputs,):
            raise ValueError(f"{self.name}: y_pred has {outputs} outputs, expected {self._sums[0].shape[0]}")
        whole = ops.ones_like(target)
        if weights is None:
            weights, size = whole, batch_size(target)
            number = float(size) if isinstance(size, int) else ops.cast(size, self._dtype)
        else:
            weights = weights * whole
            # a sample that is masked, or whose weight is 0, is none
            number = ops.sum(ops.cast(ops.any(ops.not_equal(weights, 0), axis=-1), self._dtype))
        of_target = target * weights
        parts = (target * of_target, of_target, ops.square(target - output) * weights, weights)
        self._add((self.num_samples, number), *zip(self._sums, (ops.sum(part, axis=0) for part in parts), strict=True))

    def result(self) -> Tensor:
        if not self._sums:
            raise ValueError(f"{self.name}: no result before the first batch, which tells the number of outputs")
        squares, sums, residual, count = (variable.value for variable in self._sums)
        total: Any = squares - sums * ops.divide_no_nan(sums, count)
        # what is left of equal numbers is their rounding
        varied = ops.greater(total, precision(self._dtype) * squares)
        constant = ops.logical_and(ops.equal(residual, 0), ops.greater(count, 0))
        scores: Any = ops.where(varied, 1.0 - ops.divide_no_nan(residual, total), ops.cast(constant, self._dtype))
        if self.class_aggregation == "uniform_average":
            scores = ops.mean(scores)
        elif self.class_aggregation is not None:
            sizes = ops.where(varied, total, ops.zeros_like(total))
            whole: Any = ops.sum(sizes)
            scores = ops.where(whole > 0, ops.divide_no_nan(ops.sum(scores * sizes), whole), ops.mean(scores))
        return self._adjusted(scores)

    def _adjusted(self, scores: Any) -> Tensor:
        if not self.num_regressors:
            return scores  # type: ignore[no-any-return]
        n: Any = self.num_samples.value
        free = n - (self.num_regressors + 1)
        adjusted: Tensor = ops.where(free > 0, 1.0 - (1.0 - scores) * ops.divide_no_nan(n - 1.0, free), scores)
        return adjusted

    def get_config(self) -> dict[str, Any]:
        settings = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **settings}
