"""Losses as functions of targets and predictions, one value per sample."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.weighting import as_tensor, float_pair, owner


@public("keras.losses.mean_squared_error", "keras.metrics.mean_squared_error")
def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of squared differences along the last axis: ``mean((y_true - y_pred) ** 2)``.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., n)
        Where one has a last axis of size 1 that the other lacks, it is dropped or added.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> mean_squared_error([[0.0, 1.0]], [[2.0, 1.0]]).tolist()
    [2.0]
    """
    target, output = float_pair(y_true, y_pred)
    return ops.mean(ops.square(target - output), axis=-1)


@public("keras.losses.mean_absolute_error", "keras.metrics.mean_absolute_error")
def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Mean of absolute differences along the last axis: ``mean(abs(y_true - y_pred))``.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., n)
        Where one has a last axis of size 1 that the other lacks, it is dropped or added.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> mean_absolute_error([[0.0, 1.0]], [[2.0, 1.0]]).tolist()
    [1.0]
    """
    target, output = float_pair(y_true, y_pred)
    return ops.mean(ops.absolute(target - output), axis=-1)


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

    Examples
    --------
    >>> binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).tolist()
    [0.6931...]
    """
    target, output = float_pair(y_true, y_pred)
    if label_smoothing:
        target = target * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return ops.mean(ops.binary_crossentropy(target, output, from_logits), axis=axis)


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

    References
    ----------
    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", arXiv:1512.00567, for label smoothing.

    Examples
    --------
    >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).tolist()
    [0.6931...]
    """
    target, output = float_pair(y_true, y_pred)
    if label_smoothing:
        target = target * (1.0 - label_smoothing) + label_smoothing / output.shape[axis]
    return ops.categorical_crossentropy(target, output, from_logits, axis)


@public("keras.losses.sparse_categorical_crossentropy", "keras.metrics.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Tensor:
    """Cross-entropy of predicted class probabilities with classes given by number.

    Parameters
    ----------
    y_true : tensor_like of int, shape (...) or (..., 1)
        Classes.
    y_pred : tensor_like, shape (..., classes)
        Probabilities, scaled to sum to 1, or with `from_logits` their logits.
    from_logits : bool, default False
    ignore_class : int, optional
        Class whose samples have loss 0, such as -1 for unlabelled pixels.
    axis : int, default -1
        Axis of the classes.

    Returns
    -------
    tensor, shape (...)
        In nats.

    Examples
    --------
    >>> sparse_categorical_crossentropy([1, -1], [[0.5, 0.5], [0.9, 0.1]], ignore_class=-1).tolist()
    [0.6931..., 0.0]
    """
    backend = owner(y_pred, y_true)
    target, output = as_tensor(y_true, backend), as_tensor(y_pred, backend)
    if is_float(standardize_dtype(target.dtype)):
        target = ops.cast(target, "int32")
    losses = ops.sparse_categorical_crossentropy(target, output, from_logits, axis)
    if ignore_class is None:
        return losses
    kept: Tensor = ops.where(counted(target, losses.ndim, ignore_class), losses, ops.zeros_like(losses))
    return kept


def counted(y_true: Any, rank: int, ignore_class: int) -> Any:
    """Which samples are not of the class to ignore; classes may have a last axis of size 1 in excess of `rank`."""
    if len(y_true.shape) > rank:
        y_true = ops.squeeze(y_true, -1)
    return ops.not_equal(y_true, ignore_class)
