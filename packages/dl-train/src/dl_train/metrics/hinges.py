"""Margins of predictions: losses as metrics, their means over all samples."""

from __future__ import annotations

from typing import Any

from dl_ops.objects import public
from dl_train import losses
from dl_train.metrics.reduction import MeanMetricWrapper


@public("keras.metrics.Hinge")
class Hinge(MeanMetricWrapper):
    """Mean of ``max(1 - y_true * y_pred, 0)``, with targets of -1 and 1; targets of 0 and 1 are taken for these.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(Hinge()([[-1.0, 1.0]], [[0.5, 0.5]]))
    1.0
    """

    def __init__(self, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(losses.hinge, name=name, dtype=dtype)


@public("keras.metrics.SquaredHinge")
class SquaredHinge(MeanMetricWrapper):
    """Mean of ``max(1 - y_true * y_pred, 0) ** 2``, with targets of -1 and 1; targets of 0 and 1 are taken for these.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(SquaredHinge()([[-1.0, 1.0]], [[0.5, 0.5]]))
    1.25
    """

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(losses.squared_hinge, name=name, dtype=dtype)


@public("keras.metrics.CategoricalHinge")
class CategoricalHinge(MeanMetricWrapper):
    """Mean of ``max(1 + highest score of a wrong class - score of the right class, 0)``, for one-hot targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.25, 0.75]]))
    0.5
    """

    def __init__(self, name: str | None = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(losses.categorical_hinge, name=name, dtype=dtype)
