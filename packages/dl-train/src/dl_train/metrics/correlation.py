"""How predictions vary together with targets."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Axis, Tensor, TensorLike
from dl_train.losses.arguments import check_alike
from dl_train.losses.weighting import float_pair
from dl_train.metrics.reduction import MeanMetricWrapper


def _centered(y_true: Any, y_pred: Any, axis: Axis, name: str) -> tuple[Any, Any, Any]:
    """Differences from the means along an axis, of targets and of predictions, and the difference of these means."""
    target, output = float_pair(y_true, y_pred)
    check_alike(name, target, output)
    means = [ops.mean(y, axis=axis, keepdims=True) for y in (target, output)]
    return target - means[0], output - means[1], ops.squeeze(means[0] - means[1], axis)


@public("keras.metrics.pearson_correlation")
def pearson_correlation(y_true: TensorLike, y_pred: TensorLike, axis: Axis = -1) -> Tensor:
    """Correlation of targets and predictions along an axis: their covariance over the product of standard deviations.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., n)
    axis : int or sequence of int, default -1

    Returns
    -------
    tensor, shape (...)
        In [-1, 1]; 0 where targets or predictions are all the same.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> pearson_correlation([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]], [[1.0, 3.0, 5.0], [3.0, 2.0, 1.0]]).tolist()
    [1.0..., -1.0...]
    """
    target, output, _ = _centered(y_true, y_pred, axis, "pearson_correlation")
    # not the root of the product, which may be too small or too large a number
    lengths: Any = ops.multiply(*(ops.sqrt(ops.sum(ops.square(x), axis=axis)) for x in (target, output)))
    return ops.divide_no_nan(ops.sum(target * output, axis=axis), lengths)


@public("keras.metrics.concordance_correlation")
def concordance_correlation(y_true: TensorLike, y_pred: TensorLike, axis: Axis = -1) -> Tensor:
    """Concordance of targets and predictions along an axis: how near they are to being equal, not just proportional.

    ``2 * cov(y, p) / (var(y) + var(p) + (mean(y) - mean(p)) ** 2)``

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., n)
    axis : int or sequence of int, default -1

    Returns
    -------
    tensor, shape (...)
        In [-1, 1]; 0 where targets or predictions are all the same.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Lin, "A Concordance Correlation Coefficient to Evaluate Reproducibility", Biometrics 45, 1989.

    Examples
    --------
    >>> concordance_correlation([[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]]).tolist()
    [0.571...]
    """
    target, output, shift = _centered(y_true, y_pred, axis, "concordance_correlation")
    spread: Any = ops.mean(ops.square(target) + ops.square(output), axis=axis)
    covariance: Any = ops.mean(target * output, axis=axis)
    return ops.divide_no_nan(2.0 * covariance, spread + ops.square(shift))


@public("keras.metrics.PearsonCorrelation")
class PearsonCorrelation(MeanMetricWrapper):
    """Mean of `pearson_correlation` over all samples: how well each one's predictions are a linear function of targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    axis : int or sequence of int, default -1
        Axes of a sample that are correlated.

    Examples
    --------
    >>> float(PearsonCorrelation()([[0, 1, 0.5], [1, 1, 0.2]], [[0.1, 0.9, 0.5], [1, 0.9, 0.2]]))
    0.9966...
    """

    def __init__(self, name: str | None = "pearson_correlation", dtype: Any = None, axis: Axis = -1) -> None:
        super().__init__(pearson_correlation, name=name, dtype=dtype, axis=axis)
        self.axis = axis


@public("keras.metrics.ConcordanceCorrelation")
class ConcordanceCorrelation(MeanMetricWrapper):
    """Mean of `concordance_correlation` over all samples: how near each one's predictions are to its targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    axis : int or sequence of int, default -1
        Axes of a sample that are compared.

    Examples
    --------
    >>> float(ConcordanceCorrelation()([[0, 1, 0.5], [1, 1, 0.2]], [[0.1, 0.9, 0.5], [1, 0.9, 0.2]]))
    0.9816...
    """

    def __init__(self, name: str | None = "concordance_correlation", dtype: Any = None, axis: Axis = -1) -> None:
        super().__init__(concordance_correlation, name=name, dtype=dtype, axis=axis)
        self.axis = axis
