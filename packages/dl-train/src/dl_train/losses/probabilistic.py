"""Losses of predicted distributions: Kullback and Leibler's divergence, and Poisson's."""

from __future__ import annotations

from typing import Any

from dl_ops import config, ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.base import SUM_OVER_BATCH_SIZE, LossFunctionWrapper
from dl_train.losses.weighting import float_pair


@public("keras.losses.kl_divergence", "keras.metrics.kl_divergence")
def kl_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Divergence of predicted distributions from the true ones: ``sum(y_true * log(y_true / y_pred))``.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., classes)
        Probabilities, kept between ``config.epsilon()`` and 1.

    Returns
    -------
    tensor, shape (...)
        In nats.

    References
    ----------
    Kullback, Leibler, "On Information and Sufficiency", The Annals of Mathematical Statistics 22, 1951.

    Examples
    --------
    >>> kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).tolist()
    [0.1438...]
    """
    target, output = (ops.clip(y, config.epsilon(), 1.0) for y in float_pair(y_true, y_pred, "kl_divergence"))
    return ops.sum(target * ops.log(target / output), axis=-1)


@public("keras.losses.poisson", "keras.metrics.poisson")
def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of ``y_pred - y_true * log(y_pred)``: how unlikely counts are, up to what predictions cannot change.

    Parameters
    ----------
    y_true : tensor_like, shape (..., n)
        Counts.
    y_pred : tensor_like, shape (..., n)
        Expected counts, not negative; ``config.epsilon()`` is added where the logarithm is taken.

    Returns
    -------
    tensor, shape (...)
        In nats.

    Examples
    --------
    >>> poisson([[2.0, 0.0]], [[1.0, 0.5]]).tolist()
    [0.7499...]
    """
    target, output = float_pair(y_true, y_pred, "poisson")
    return ops.mean(output - target * ops.log(output + config.epsilon()), axis=-1)


@public("keras.losses.KLDivergence")
class KLDivergence(LossFunctionWrapper):
    """Divergence of predicted distributions from the true ones: ``sum(y_true * log(y_true / y_pred))``.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> float(KLDivergence()([[0.5, 0.5], [0.0, 1.0]], [[0.25, 0.75], [0.0, 1.0]]))
    0.0719...
    """

    def __init__(
        self, reduction: str | None = SUM_OVER_BATCH_SIZE, name: str | None = "kl_divergence", dtype: Any = None
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


@public("keras.losses.Poisson")
class Poisson(LossFunctionWrapper):
    """Mean of ``y_pred - y_true * log(y_pred)``, for counts and their expected values.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> round(float(Poisson()([[2.0], [0.0]], [[1.0], [0.5]])), 4)
    0.75
    """

    def __init__(
        self, reduction: str | None = SUM_OVER_BATCH_SIZE, name: str | None = "poisson", dtype: Any = None
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)
