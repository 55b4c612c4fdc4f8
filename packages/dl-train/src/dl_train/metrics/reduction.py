"""Sums and means over batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from dl_layers.layer.masks import any_mask
from dl_ops import ops
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object
from dl_ops.rules import product
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.weighting import align_ranks, as_tensor, batch_size, both, combine, mask_of
from dl_train.metrics.base import Metric


def _weighted(values: Any, weights: Any) -> tuple[Any, Any]:
    """Values times weights, and weights in the values' shape; values are averaged over axes that weights lack."""
    values, weights = align_ranks(values, weights)
    excess = tuple(range(len(weights.shape), len(values.shape)))
    if excess:
        values = ops.mean(values, axis=excess)
    return values * weights, weights * ops.ones_like(values)


def _inner(x: Any) -> Any:
    """Number of values in each sample: the product of all sizes but the first."""
    size = product(tuple(x.shape)[1:])
    return ops.cast(ops.size(x[0]), x.dtype) if size is None else float(size)


@public("keras.metrics.Sum")
class Sum(Metric):
    """Weighted sum of all values.

    Parameters
    ----------
    name : str, default "sum"
    dtype
        As for `Metric`.

    Examples
    --------
    >>> metric = Sum()
    >>> metric.update_state([1.0, 2.0], sample_weight=[1.0, 0.5])
    >>> float(metric.result())
    2.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add values.

        Parameters
        ----------
        values : tensor_like, shape (...)
        sample_weight : tensor_like, optional
            For leading axes of `values`.
        """
        mask = mask_of(values) if any_mask() else None
        x: Any = as_tensor(values, self._backend, self._dtype)
        weights = None if sample_weight is None else as_tensor(sample_weight, self._backend, self._dtype)
        weights = combine(weights, mask, self._dtype)
        if weights is not None:
            x, weights = align_ranks(x, weights)
            excess = tuple(range(len(weights.shape), len(x.shape)))
            x = (ops.sum(x, axis=excess) if excess else x) * weights
        self._add((self.total, ops.sum(x)))

    def result(self) -> Tensor:
        return ops.copy(self.total)  # some backends change variables in place


@public("keras.metrics.Mean")
class Mean(Metric):
    """Weighted mean of all values.

    Parameters
    ----------
    name : str, default "mean"
    dtype
        As for `Metric`.

    Examples
    --------
    >>> metric = Mean()
    >>> metric.update_state([1.0, 2.0])
    >>> metric.update_state([5.0], sample_weight=[2.0])
    >>> float(metric.result())
    3.25
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Take values into account.

        Parameters
        ----------
        values : tensor_like, shape (...)
        sample_weight : tensor_like, optional
            For leading axes of `values`.
        """
        self._update(values, sample_weight, mask_of(values) if any_mask() else None)

    def _update(self, values: Any, sample_weight: Any, mask: Any) -> None:
        x = as_tensor(values, self._backend, self._dtype)
        weights = None if sample_weight is None else as_tensor(sample_weight, self._backend, self._dtype)
        weights = combine(weights, mask, self._dtype)
        if weights is not None:
            x, weights = _weighted(x, weights)
        # a sample counts once, however many values it has
        total, count = ops.sum(x), 1.0 if weights is None else ops.sum(weights)
        if len(x.shape) > 1:
            inner = _inner(x)
            total, count = total / inner, count / inner
        if weights is None and len(x.shape) > 0:
            size = batch_size(x)
            count = float(size) if isinstance(size, int) else ops.cast(size, self._dtype)
        self._add((self.total, total), (self.count, count))

    def result(self) -> Tensor:
        return ops.divide_no_nan(self.total, self.count)


@public("keras.metrics.MeanMetricWrapper")
class MeanMetricWrapper(Mean):
    """Mean of a function of targets and predictions.

    Parameters
    ----------
    fn : callable
        ``fn(y_true, y_pred, **kwargs)`` gives one value per sample.
    name, dtype
        As for `Metric`.
    **kwargs
        Further arguments of `fn`.

    Examples
    --------
    >>> from dl_ops import ops
    >>> metric = MeanMetricWrapper(lambda y_true, y_pred: ops.abs(y_true - y_pred), name="distance")
    >>> metric.update_state([0.0, 1.0], [1.0, 1.0])
    >>> float(metric.result())
    0.5
    """

    casts_targets: ClassVar[bool] = True
    """Whether targets are cast to the metric's dtype; not where they are class numbers, which floats would round."""

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        self._fn, self._kwargs = fn, kwargs

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:  # type: ignore[override]  # a metric's arguments are its own
        """Take a batch into account.

        Parameters
        ----------
        y_true, y_pred : tensor_like
        sample_weight : tensor_like, optional
            For leading axes of what the function returns.
        """
        mask = mask_of(y_pred) if any_mask() else None
        y_pred = as_tensor(y_pred, self._backend, self._dtype)
        y_true = as_tensor(y_true, self._backend, self._dtype if self.casts_targets else None)
        values = self._fn(y_true, y_pred, **self._kwargs)
        self._update(values, sample_weight, both(mask, self.mask(y_true, values)))

    def mask(self, y_true: Any, values: Any) -> Tensor | None:
        """Which of the values count, where the targets tell; ``None`` for all."""
        return mask_of(values) if any_mask() else None

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if type(self) is MeanMetricWrapper:
            config["fn"] = serialize_keras_object(self._fn)
        return {**config, **serialize_keras_object(self._kwargs)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**deserialize_keras_object(dict(config)))
