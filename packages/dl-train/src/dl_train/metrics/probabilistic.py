"""Predicted probabilities: losses as metrics, their means over all samples."""

from __future__ import annotations

from typing import Any

from dl_ops.objects import public
from dl_train import losses
from dl_train.losses.sparse import counted
from dl_train.metrics.reduction import MeanMetricWrapper


@public("keras.metrics.BinaryCrossentropy")
class BinaryCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of yes-no predictions.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    from_logits : bool, default False
        Whether predictions are logits, not probabilities.
    label_smoothing : float, default 0
        In [0, 1]: targets are moved towards 0.5 by this fraction.

    Examples
    --------
    >>> float(BinaryCrossentropy()([[0.0], [1.0]], [[0.5], [0.5]]))
    0.6931...
    """

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(
            losses.binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing
        )
        self.from_logits, self.label_smoothing = from_logits, label_smoothing


@public("keras.metrics.CategoricalCrossentropy")
class CategoricalCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of predicted class probabilities with one-hot targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    from_logits : bool, default False
        Whether predictions are logits, not probabilities.
    label_smoothing : float, default 0
        In [0, 1]: this fraction of the targets is spread evenly over the classes.
    axis : int, default -1
        Axis of the classes.

    Examples
    --------
    >>> float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]))
    0.6931...
    """

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            losses.categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


@public("keras.metrics.SparseCategoricalCrossentropy")
class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of predicted class probabilities with classes given by number.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    from_logits : bool, default False
        Whether predictions are logits, not probabilities.
    ignore_class : int, optional
        Class whose samples do not count.
    axis : int, default -1
        Axis of the classes.

    Examples
    --------
    >>> float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]]))
    0.6931...
    """

    casts_targets = False

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            losses.sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def mask(self, y_true: Any, values: Any) -> Any:
        return None if self.ignore_class is None else counted(y_true, values.ndim, self.ignore_class)


@public("keras.metrics.KLDivergence")
class KLDivergence(MeanMetricWrapper):
    """Mean Kullback-Leibler divergence of predicted class probabilities from those of targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(KLDivergence()([[0.0, 1.0]], [[0.5, 0.5]]))
    0.6931...
    """

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(losses.kl_divergence, name=name, dtype=dtype)


@public("keras.metrics.Poisson")
class Poisson(MeanMetricWrapper):
    """Mean negative log-likelihood of targets as counts that are Poisson-distributed with predictions as their means.

    Without the terms that do not depend on predictions: ``y_pred - y_true * log(y_pred)``.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(Poisson()([[1.0, 0.0]], [[1.0, 2.0]]))
    1.5
    """

    def __init__(self, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(losses.poisson, name=name, dtype=dtype)
