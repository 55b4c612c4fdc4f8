"""Focal losses: cross-entropies in which what is predicted well already counts little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_ops import config, ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.arguments import check_alike, check_fraction, check_positive, warn_of_one_class
from dl_train.losses.base import SUM_OVER_BATCH_SIZE, LossFunctionWrapper
from dl_train.losses.crossentropy import FOR_NUMBERS, smoothed
from dl_train.losses.weighting import float_pair


def _check(of: str, gamma: Any, label_smoothing: Any) -> None:
    check_positive(of, "gamma", gamma, or_zero=True)
    check_fraction(of, "label_smoothing", label_smoothing)


def _focus(p: Any, gamma: float) -> Any:
    """How much what has probability `p` counts."""
    # at 0 the slope of a power may be infinite
    return ops.power(ops.maximum(1.0 - p, config.epsilon()), gamma)


@public("keras.losses.binary_focal_crossentropy", "keras.metrics.binary_focal_crossentropy")
def binary_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Mean cross-entropy of yes-no predictions, times ``(1 - p) ** gamma`` for the probability ``p`` of the target.

    Parameters
    ----------
    y_true : tensor_like, shape (..., n)
        0 or 1, or probabilities.
    y_pred : tensor_like, shape (..., n)
        Probabilities, or with `from_logits` their logits.
    apply_class_balancing : bool, default False
        Whether a 1 counts `alpha` times, a 0 ``1 - alpha`` times.
    alpha : float, default 0.25
        In [0, 1].
    gamma : float, default 2.0
        Not negative; 0 gives `binary_crossentropy`.
    from_logits : bool, default False
    label_smoothing : float, default 0.0
        In [0, 1]: targets are moved towards 0.5 by this fraction.
    axis : int, default -1
        Axis of the mean.

    Returns
    -------
    tensor, shape (...)
        In nats.

    Raises
    ------
    ValueError
        If the shapes differ, or a number is out of range.

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", arXiv:1708.02002.

    Examples
    --------
    >>> binary_focal_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).tolist()
    [0.1732...]
    """
    _check("binary_focal_crossentropy", gamma, label_smoothing)
    check_fraction("binary_focal_crossentropy", "alpha", alpha)
    target, output = float_pair(y_true, y_pred)
    check_alike("binary_focal_crossentropy", target, output)
    target = smoothed(target, label_smoothing, 2)
    losses = ops.binary_crossentropy(target, output, from_logits)
    p = ops.sigmoid(output) if from_logits else output
    losses = losses * _focus(target * p + (1.0 - target) * (1.0 - p), gamma)
    if apply_class_balancing:
        losses = losses * (target * alpha + (1.0 - target) * (1.0 - alpha))
    return ops.mean(losses, axis=axis)


@public("keras.losses.categorical_focal_crossentropy", "keras.metrics.categorical_focal_crossentropy")
def categorical_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    alpha: float | Sequence[float] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Cross-entropy of predicted class probabilities, focused: ``-sum(alpha * (1 - p) ** gamma * y_true * log(p))``.

    Parameters
    ----------
    y_true : tensor_like, shape (..., classes)
        One-hot classes, or probabilities.
    y_pred : tensor_like, shape (..., classes)
        Probabilities, scaled to sum to 1, or with `from_logits` their logits.
    alpha : float or sequence of float, default 0.25
        Weight of all classes, or of each, which are then the last axis.
    gamma : float, default 2.0
        Not negative; with 0, and `alpha` 1, `categorical_crossentropy`.
    from_logits : bool, default False
    label_smoothing : float, default 0.0
        In [0, 1]: this fraction of the targets is spread evenly over the classes.
    axis : int, default -1
        Axis of the classes.

    Returns
    -------
    tensor, shape (...)
        In nats.

    Raises
    ------
    ValueError
        If the shapes differ, or a number is out of range.

    Warns
    -----
    SyntaxWarning
        If there is a single class.

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", arXiv:1708.02002.

    Examples
    --------
    >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).tolist()
    [0.0433...]
    """
    _check("categorical_focal_crossentropy", gamma, label_smoothing)
    target, output = float_pair(y_true, y_pred)
    check_alike("categorical_focal_crossentropy", target, output, FOR_NUMBERS)
    warn_of_one_class("categorical_focal_crossentropy", output, axis)
    target = smoothed(target, label_smoothing, output.shape[axis])
    if from_logits:
        logs = ops.log_softmax(output, axis=axis)
        p = ops.exp(logs)
    else:
        p = output / ops.sum(output, axis=axis, keepdims=True)
        logs = ops.log(ops.clip(p, config.epsilon(), 1.0 - config.epsilon()))
    weights = ops.cast(alpha, output.dtype) if isinstance(alpha, (list, tuple)) else alpha
    return -ops.sum(ops.multiply(weights, _focus(p, gamma) * target * logs), axis=axis)  # type: ignore[no-any-return]


@public("keras.losses.BinaryFocalCrossentropy")
class BinaryFocalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of yes-no predictions, times ``(1 - p) ** gamma`` for the probability ``p`` of the target.

    Parameters
    ----------
    apply_class_balancing : bool, default False
        Whether a 1 counts `alpha` times, a 0 ``1 - alpha`` times.
    alpha : float, default 0.25
        In [0, 1].
    gamma : float, default 2.0
        Not negative; 0 gives `BinaryCrossentropy`.
    from_logits : bool, default False
        Whether predictions are logits, not probabilities.
    label_smoothing : float, default 0.0
        In [0, 1]: targets are moved towards 0.5 by this fraction.
    axis : int, default -1
        Axis of the mean.
    reduction, name, dtype
        As for `Loss`.

    Raises
    ------
    ValueError
        If a number is out of range.

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", arXiv:1708.02002.

    Examples
    --------
    >>> float(BinaryFocalCrossentropy(from_logits=True)([[1.0], [0.0]], [[0.0], [0.0]]))
    0.1732...
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        _check("BinaryFocalCrossentropy", gamma, label_smoothing)
        check_fraction("BinaryFocalCrossentropy", "alpha", alpha)
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.apply_class_balancing, self.alpha, self.gamma = apply_class_balancing, alpha, gamma
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


@public("keras.losses.CategoricalFocalCrossentropy")
class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of predicted class probabilities, focused: ``-sum(alpha * (1 - p) ** gamma * y_true * log(p))``.

    Parameters
    ----------
    alpha : float or sequence of float, default 0.25
        Weight of all classes, or of each, which are then the last axis.
    gamma : float, default 2.0
        Not negative.
    from_logits : bool, default False
        Whether predictions are logits, not probabilities.
    label_smoothing : float, default 0.0
        In [0, 1]: this fraction of the targets is spread evenly over the classes.
    axis : int, default -1
        Axis of the classes.
    reduction, name, dtype
        As for `Loss`.

    Raises
    ------
    ValueError
        If a number is out of range.

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", arXiv:1708.02002.

    Examples
    --------
    >>> float(CategoricalFocalCrossentropy(alpha=[0.5, 1.0])([[0.0, 1.0]], [[0.5, 0.5]]))
    0.1732...
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        _check("CategoricalFocalCrossentropy", gamma, label_smoothing)
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.alpha, self.gamma = alpha, gamma
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
