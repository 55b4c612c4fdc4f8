"""Hinge losses: what predictions lack to be on the right side by a margin of 1."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.base import SUM_OVER_BATCH_SIZE, LossFunctionWrapper
from dl_train.losses.weighting import float_pair


def _lacking(of: str, y_true: Any, y_pred: Any) -> Any:
    """What products of signs and predictions lack to 1; targets that are all 0 or 1 become signs."""
    target, output = float_pair(y_true, y_pred, of)
    are_binary = ops.all(ops.logical_or(ops.equal(target, 0), ops.equal(target, 1)))
    signs = ops.where(are_binary, 2.0 * target - 1.0, target)
    return ops.maximum(1.0 - signs * output, 0.0)


@public("keras.losses.hinge", "keras.metrics.hinge")
def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of ``max(1 - y_true * y_pred, 0)`` along the last axis.

    Parameters
    ----------
    y_true : tensor_like, shape (..., n)
        -1 or 1. If all are 0 or 1, the zeros count as -1.
    y_pred : tensor_like, shape (..., n)

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Cortes, Vapnik, "Support-Vector Networks", Machine Learning 20, 1995.

    Examples
    --------
    >>> hinge([[0.0, 1.0]], [[0.5, 3.0]]).tolist()
    [0.75]
    """
    return ops.mean(_lacking("hinge", y_true, y_pred), axis=-1)


@public("keras.losses.squared_hinge", "keras.metrics.squared_hinge")
def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of ``max(1 - y_true * y_pred, 0) ** 2`` along the last axis.

    Parameters
    ----------
    y_true : tensor_like, shape (..., n)
        -1 or 1. If all are 0 or 1, the zeros count as -1.
    y_pred : tensor_like, shape (..., n)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> squared_hinge([[-1.0, 1.0]], [[1.0, 3.0]]).tolist()
    [2.0]
    """
    return ops.mean(ops.square(_lacking("squared_hinge", y_true, y_pred)), axis=-1)


@public("keras.losses.categorical_hinge", "keras.metrics.categorical_hinge")
def categorical_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """What the right class lacks to exceed the best wrong one by 1: ``max(1 + wrong - right, 0)``.

    Parameters
    ----------
    y_true : tensor_like, shape (..., classes)
        One-hot classes: ``right`` is ``sum(y_true * y_pred)``, ``wrong`` is ``max((1 - y_true) * y_pred)``.
    y_pred : tensor_like, shape (..., classes)
        Scores.

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Crammer, Singer, "On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines", JMLR 2, 2001.

    Examples
    --------
    >>> categorical_hinge([[0.0, 1.0, 0.0]], [[0.5, 2.0, 1.5]]).tolist()
    [0.5]
    """
    target, output = float_pair(y_true, y_pred, "categorical_hinge")
    right = ops.sum(target * output, axis=-1)
    wrong = ops.max((1.0 - target) * output, axis=-1)
    return ops.maximum(1.0 + wrong - right, 0.0)


@public("keras.losses.Hinge")
class Hinge(LossFunctionWrapper):
    """Mean of ``max(1 - y_true * y_pred, 0)``, of targets that are -1 or 1, or 0 or 1.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> float(Hinge()([[-1.0], [1.0]], [[0.5], [3.0]]))
    0.75
    """

    def __init__(
        self, reduction: str | None = SUM_OVER_BATCH_SIZE, name: str | None = "hinge", dtype: Any = None
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


@public("keras.losses.SquaredHinge")
class SquaredHinge(LossFunctionWrapper):
    """Mean of ``max(1 - y_true * y_pred, 0) ** 2``, of targets that are -1 or 1, or 0 or 1.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> float(SquaredHinge()([[0.0], [1.0]], [[1.0], [3.0]]))
    2.0
    """

    def __init__(
        self, reduction: str | None = SUM_OVER_BATCH_SIZE, name: str | None = "squared_hinge", dtype: Any = None
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


@public("keras.losses.CategoricalHinge")
class CategoricalHinge(LossFunctionWrapper):
    """Mean of what the right class lacks to exceed the best wrong one by 1, of one-hot targets.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> float(CategoricalHinge()([[0.0, 1.0], [1.0, 0.0]], [[0.5, 1.0], [3.0, 1.0]]))
    0.25
    """

    def __init__(
        self, reduction: str | None = SUM_OVER_BATCH_SIZE, name: str | None = "categorical_hinge", dtype: Any = None
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
