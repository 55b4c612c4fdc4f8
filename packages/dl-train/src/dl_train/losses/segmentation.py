"""Losses of segmentation: how far the predicted region covers the true one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_ops import config, ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.arguments import check_alike, check_positive
from dl_train.losses.base import SUM_OVER_BATCH_SIZE, LossFunctionWrapper
from dl_train.losses.weighting import float_pair


@public("keras.losses.dice")
def dice(y_true: TensorLike, y_pred: TensorLike, axis: int | Sequence[int] | None = None) -> Tensor:
    """One minus Dice's coefficient: ``1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred))``.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (...)
        Shares of the pixels, in [0, 1].
    axis : int or sequence of int, optional
        Axes of the sums, by default all, also that of the samples: for one loss for each image give all others.

    Returns
    -------
    tensor, shape () or that of the remaining axes
        1 where both are empty.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Milletari et al., "V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image Segmentation",
    arXiv:1606.04797.

    Examples
    --------
    >>> round(float(dice([[1.0, 1.0, 0.0]], [[0.5, 1.0, 0.5]])), 4)
    0.25
    """
    target, output = float_pair(y_true, y_pred)
    check_alike("dice", target, output)
    common = ops.sum(target * output, axis=axis)
    total = ops.sum(target, axis=axis) + ops.sum(output, axis=axis)
    return 1.0 - 2.0 * common / (total + config.epsilon())  # type: ignore[no-any-return]


@public("keras.losses.tversky")
def tversky(
    y_true: TensorLike,
    y_pred: TensorLike,
    alpha: float = 0.5,
    beta: float = 0.5,
    axis: int | Sequence[int] | None = None,
) -> Tensor:
    """One minus Tversky's index: ``1 - hits / (hits + alpha * false_alarms + beta * misses)``.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (...)
        Shares of the pixels, in [0, 1].
    alpha : float, default 0.5
        Weight of false positives, ``sum((1 - y_true) * y_pred)``.
    beta : float, default 0.5
        Weight of false negatives, ``sum(y_true * (1 - y_pred))``. With both weights 0.5 the loss is `dice`.
    axis : int or sequence of int, optional
        Axes of the sums, by default all, also that of the samples: for one loss for each image give all others.

    Returns
    -------
    tensor, shape () or that of the remaining axes
        1 where both are empty.

    Raises
    ------
    ValueError
        If the shapes differ, or a weight is negative.

    Notes
    -----
    Keras 3.15 says the same of the two weights, but has one for the other.

    References
    ----------
    Salehi et al., "Tversky Loss Function for Image Segmentation Using 3D Fully Convolutional Deep Networks",
    arXiv:1706.05721.

    Examples
    --------
    >>> round(float(tversky([[1.0, 1.0, 0.0]], [[0.5, 1.0, 0.5]], alpha=0.3, beta=0.7)), 4)
    0.25
    """
    _check_weights("tversky", alpha, beta)
    target, output = float_pair(y_true, y_pred)
    check_alike("tversky", target, output)
    hits = ops.sum(target * output, axis=axis)
    false_alarms = ops.sum((1.0 - target) * output, axis=axis)
    misses = ops.sum(target * (1.0 - output), axis=axis)
    return 1.0 - hits / (hits + alpha * false_alarms + beta * misses + config.epsilon())  # type: ignore[no-any-return]


def _check_weights(of: str, alpha: Any, beta: Any) -> None:
    check_positive(of, "alpha", alpha, or_zero=True)
    check_positive(of, "beta", beta, or_zero=True)


@public("keras.losses.Dice")
class Dice(LossFunctionWrapper):
    """One minus Dice's coefficient: ``1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred))``.

    Parameters
    ----------
    reduction, name
        As for `Loss`.
    axis : int or sequence of int, optional
        Axes of the sums, by default all, also that of the samples: for one loss for each image give all others.
    dtype
        As for `Loss`.

    Examples
    --------
    >>> round(float(Dice(axis=1)([[1.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]])), 4)
    0.1667
    """

    def __init__(
        self,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "dice",
        axis: int | Sequence[int] | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)
        self.axis = axis


@public("keras.losses.Tversky")
class Tversky(LossFunctionWrapper):
    """One minus Tversky's index: ``1 - hits / (hits + alpha * false_alarms + beta * misses)``.

    Parameters
    ----------
    alpha : float, default 0.5
        Weight of false positives.
    beta : float, default 0.5
        Weight of false negatives.
    reduction, name
        As for `Loss`.
    axis : int or sequence of int, optional
        Axes of the sums, by default all, also that of the samples: for one loss for each image give all others.
    dtype
        As for `Loss`.

    Raises
    ------
    ValueError
        If a weight is negative.

    Notes
    -----
    Keras 3.15 says the same of the two weights, but has one for the other.

    Examples
    --------
    >>> round(float(Tversky(beta=1.0)([[1.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]])), 4)
    0.3333
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "tversky",
        axis: int | Sequence[int] | None = None,
        dtype: Any = None,
    ) -> None:
        _check_weights("Tversky", alpha, beta)
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
        self.alpha, self.beta, self.axis = alpha, beta, axis
