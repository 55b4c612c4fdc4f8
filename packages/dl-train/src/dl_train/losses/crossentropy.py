"""Cross-entropies of predicted probabilities with yes or no, and with one-hot classes."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.arguments import check_alike, check_fraction, warn_of_one_class
from dl_train.losses.base import SUM_OVER_BATCH_SIZE, LossFunctionWrapper
from dl_train.losses.weighting import float_pair

FOR_NUMBERS = "; for class numbers there is sparse_categorical_crossentropy"


def smoothed(target: Any, label_smoothing: Any, choices: Any) -> Any:
    """Targets of which a fraction is spread evenly over the choices."""
    return target * (1.0 - label_smoothing) + label_smoothing / choices if label_smoothing else target


@public("keras.losses.binary_crossentropy", "keras.metrics.binary_crossentropy")
def binary_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """Mean cross-entropy of yes-no predictions: ``mean(-y_true * log(p) - (1 - y_true) * log(1 - p))``.

    Parameters
    ----------
    y_true : tensor_like, shape (..., n)
        0 or 1, or probabilities.
    y_pred : tensor_like, shape (..., n)
        Probabilities, or with `from_logits` their logits.
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
        If the shapes differ, or `label_smoothing` is not in [0, 1].

    Examples
    --------
    >>> binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).tolist()
    [0.6931...]
    """
    check_fraction("binary_crossentropy", "label_smoothing", label_smoothing)
    target, output = float_pair(y_true, y_pred)
    check_alike("binary_crossentropy", target, output)
    return ops.mean(ops.binary_crossentropy(smoothed(target, label_smoothing, 2), output, from_logits), axis=axis)


@public("keras.losses.categorical_crossentropy", "keras.metrics.categorical_crossentropy")
def categorical_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """Cross-entropy of predicted class probabilities: ``-sum(y_true * log(p))`` along an axis.

    Parameters
    ----------
    y_true : tensor_like, shape (..., classes)
        One-hot classes, or probabilities.
    y_pred : tensor_like, shape (..., classes)
        Probabilities, scaled to sum to 1, or with `from_logits` their logits.
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
        If the shapes differ, or `label_smoothing` is not in [0, 1].

    Warns
    -----
    SyntaxWarning
        If there is a single class.

    References
    ----------
    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", arXiv:1512.00567, for label smoothing.

    Examples
    --------
    >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).tolist()
    [0.6931...]
    """
    check_fraction("categorical_crossentropy", "label_smoothing", label_smoothing)
    target, output = float_pair(y_true, y_pred)
    check_alike("categorical_crossentropy", target, output, FOR_NUMBERS)
    warn_of_one_class("categorical_crossentropy", output, axis)
    target = smoothed(target, label_smoothing, output.shape[axis])
    return ops.categorical_crossentropy(target, output, from_logits, axis)


@public("keras.losses.BinaryCrossentropy")
class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of yes-no predictions: ``mean(-y_true * log(p) - (1 - y_true) * log(1 - p))``.

    Parameters
    ----------
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
        If `label_smoothing` is not in [0, 1].

    Examples
    --------
    >>> float(BinaryCrossentropy(from_logits=True)([[1.0], [0.0]], [[0.0], [0.0]]))
    0.6931...
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        check_fraction("BinaryCrossentropy", "label_smoothing", label_smoothing)
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


@public("keras.losses.CategoricalCrossentropy")
class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of predicted class probabilities with one-hot targets: ``-sum(y_true * log(p))`` along an axis.

    Parameters
    ----------
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
        If `label_smoothing` is not in [0, 1].

    Examples
    --------
    >>> float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]))
    0.6931...
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        check_fraction("CategoricalCrossentropy", "label_smoothing", label_smoothing)
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
