"""What a batch gives a metric: targets, predictions and weights that fit together."""

from __future__ import annotations

from typing import Any

from dl_layers.layer.masks import any_mask
from dl_ops.symbolic.inference import static_shape
from dl_train.losses.arguments import check_alike
from dl_train.losses.weighting import align_ranks, align_weights, as_tensor, combine, mask_of
from dl_train.metrics.base import Metric


def fitted(metric: Metric, y_true: Any, y_pred: Any, sample_weight: Any = None) -> tuple[Any, Any, Any]:
    """Targets and predictions of one shape, and weights that broadcast against them.

    Parameters
    ----------
    metric : Metric
    y_true, y_pred, sample_weight : tensor_like
        As given to ``update_state``. The mask of `y_pred` counts as weights of 0 and 1.

    Returns
    -------
    tuple of tensor
        In the metric's dtype; weights are ``None`` if there are neither weights nor a mask.

    Raises
    ------
    ValueError
        If shapes do not fit.
    """
    backend = metric._backend
    mask = mask_of(y_pred) if any_mask() else None
    target, output = (as_tensor(y, backend, metric.dtype) for y in (y_true, y_pred))
    target, output = align_ranks(target, output)
    check_alike(metric.name, target, output)
    return target, output, weights_for(metric, sample_weight, mask, output)


def weights_for(metric: Metric, sample_weight: Any, mask: Any, values: Any) -> Any:
    """Product of weights and a mask, either of which may be ``None``, so that it broadcasts against values."""
    weights = None if sample_weight is None else as_tensor(sample_weight, metric._backend, metric.dtype)
    weights = combine(weights, mask, metric.dtype)
    if weights is None:
        return None
    weights = align_weights(weights, values)
    shape, expected = tuple(static_shape(weights)), tuple(static_shape(values))
    if any(size == 1 and number not in (1, None) for number, size in zip(shape, expected, strict=False)):
        raise ValueError(f"{metric.name}: sample_weight has shape {shape}, more than values, {expected}")
    return weights


def in_two_axes(metric: Metric, output: Any) -> int:
    """Size of the second axis of predictions that must have two.

    Raises
    ------
    ValueError
        If they have not, or the size of the second is not known.
    """
    shape = tuple(static_shape(output))
    if len(shape) != 2 or shape[1] is None:
        raise ValueError(f"{metric.name}: y_true and y_pred have shape {shape}, expected (batch, n) with n known")
    return shape[1]
