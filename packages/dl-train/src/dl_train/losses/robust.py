"""Losses of numbers that grow like the difference, not like its square, where it is large."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.arguments import check_positive
from dl_train.losses.base import SUM_OVER_BATCH_SIZE, LossFunctionWrapper
from dl_train.losses.weighting import float_pair


@public("keras.losses.huber", "keras.metrics.huber")
def huber(y_true: TensorLike, y_pred: TensorLike, delta: Any = 1.0) -> Tensor:
    """Mean of ``0.5 * d ** 2`` for differences ``d`` up to `delta`, and of ``delta * (d - 0.5 * delta)`` beyond.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., n)
        Where one has a last axis of size 1 that the other lacks, it is dropped or added.
    delta : float or tensor, default 1.0
        In the unit of the targets, positive; or a tensor that broadcasts against them.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `delta` is not positive.

    References
    ----------
    Huber, "Robust Estimation of a Location Parameter", The Annals of Mathematical Statistics 35, 1964.

    Examples
    --------
    >>> huber([[0.0, 0.0]], [[1.0, 3.0]]).tolist()
    [1.5]
    """
    target, output = float_pair(y_true, y_pred, "huber")
    if hasattr(delta, "dtype"):
        delta = ops.cast(delta, output.dtype)
    else:
        check_positive("huber", "delta", delta)
    difference = ops.absolute(target - output)
    # the part up to delta, squared, and the rest: the square of a large difference would overflow
    near = ops.minimum(difference, delta)
    return ops.mean(0.5 * ops.square(near) + delta * (difference - near), axis=-1)


@public("keras.losses.log_cosh", "keras.metrics.log_cosh")
def log_cosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of the logarithm of the hyperbolic cosine of differences: ``mean(log(cosh(y_pred - y_true)))``.

    About ``0.5 * d ** 2`` for a small difference ``d``, and ``abs(d) - log(2)`` for a large one.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., n)
        Where one has a last axis of size 1 that the other lacks, it is dropped or added.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> log_cosh([[0.0, 0.0]], [[0.0, 1000.0]]).tolist()
    [499.65...]
    """
    target, output = float_pair(y_true, y_pred, "log_cosh")
    difference = output - target
    # the cosine itself overflows
    return ops.mean(ops.logaddexp(difference, -difference) - math.log(2.0), axis=-1)


@public("keras.losses.Huber")
class Huber(LossFunctionWrapper):
    """Mean of ``0.5 * d ** 2`` for differences ``d`` up to `delta`, and of ``delta * (d - 0.5 * delta)`` beyond.

    Parameters
    ----------
    delta : float, default 1.0
        In the unit of the targets, positive.
    reduction, name, dtype
        As for `Loss`.

    Raises
    ------
    ValueError
        If `delta` is not positive.

    Examples
    --------
    >>> float(Huber(delta=2.0)([[0.0], [0.0]], [[1.0], [3.0]]))
    2.25
    """

    unwritten: ClassVar[Mapping[str, Any]] = {"delta": 1.0}

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        check_positive("Huber", "delta", delta)
        super().__init__(huber, reduction, name, dtype, delta=delta)
        self.delta = delta


@public("keras.losses.LogCosh")
class LogCosh(LossFunctionWrapper):
    """Mean of the logarithm of the hyperbolic cosine of differences: ``mean(log(cosh(y_pred - y_true)))``.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> float(LogCosh()([[0.0], [0.0]], [[1.0], [0.0]]))
    0.2168...
    """

    def __init__(
        self, reduction: str | None = SUM_OVER_BATCH_SIZE, name: str | None = "log_cosh", dtype: Any = None
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)
