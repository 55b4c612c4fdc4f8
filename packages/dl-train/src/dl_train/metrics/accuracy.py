"""How many predictions are right."""

from __future__ import annotations

from typing import Any

from dl_ops import config, ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.weighting import as_tensor, float_pair, owner
from dl_train.metrics.reduction import MeanMetricWrapper


def accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Where predictions equal targets, element-wise, as 0 and 1."""
    target, output = float_pair(y_true, y_pred)
    return _as_numbers(ops.equal(target, output))


@public("keras.metrics.binary_accuracy")
def binary_accuracy(y_true: TensorLike, y_pred: TensorLike, threshold: float = 0.5) -> Tensor:
    """Where ``y_pred > threshold`` agrees with targets of 0 and 1, element-wise.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (...)
        Where one has a last axis of size 1 that the other lacks, it is dropped or added.
    threshold : float, default 0.5

    Returns
    -------
    tensor, shape (...)
        Of zeros and ones.

    Examples
    --------
    >>> binary_accuracy([1.0, 0.0], [0.7, 0.6]).tolist()
    [1.0, 0.0]
    """
    target, output = float_pair(y_true, y_pred)
    return _as_numbers(ops.equal(target, _as_numbers(ops.greater(output, threshold))))


@public("keras.metrics.categorical_accuracy")
def categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Where the class with the highest prediction is that of a one-hot target.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., classes)

    Returns
    -------
    tensor, shape (...)
        Of zeros and ones.

    Examples
    --------
    >>> categorical_accuracy([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]]).tolist()
    [1.0, 0.0]
    """
    backend = owner(y_pred, y_true)
    return sparse_categorical_accuracy(ops.argmax(as_tensor(y_true, backend), axis=-1), y_pred)


@public("keras.metrics.sparse_categorical_accuracy")
def sparse_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Where the class with the highest prediction is the target.

    Parameters
    ----------
    y_true : tensor_like, shape (...) or (..., 1)
        Classes.
    y_pred : tensor_like, shape (..., classes)

    Returns
    -------
    tensor, shape (...)
        Of zeros and ones.

    Examples
    --------
    >>> sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.4, 0.6]]).tolist()
    [1.0, 0.0]
    """
    classes, scores = _classes(y_true, y_pred)
    return _as_numbers(ops.equal(classes, ops.argmax(scores, axis=-1)))


@public("keras.metrics.top_k_categorical_accuracy")
def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> Tensor:
    """Where the class of a one-hot target is among the `k` with the highest predictions.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., classes)
    k : int, default 5

    Returns
    -------
    tensor, shape (...)
        Of zeros and ones.

    Examples
    --------
    >>> top_k_categorical_accuracy([[0, 0, 1], [1, 0, 0]], [[0.5, 0.3, 0.2], [0.2, 0.3, 0.1]], k=2).tolist()
    [0.0, 1.0]
    """
    backend = owner(y_pred, y_true)
    return sparse_top_k_categorical_accuracy(ops.argmax(as_tensor(y_true, backend), axis=-1), y_pred, k)


@public("keras.metrics.sparse_top_k_categorical_accuracy")
def sparse_top_k_categorical_accuracy(
    y_true: TensorLike, y_pred: TensorLike, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """Where the target is among the `k` classes with the highest predictions.

    Parameters
    ----------
    y_true : tensor_like, shape (...) or (..., 1)
        Classes.
    y_pred : tensor_like, shape (..., classes)
        Scores of the classes, or with `from_sorted_ids` classes, the likeliest first.
    k : int, default 5
    from_sorted_ids : bool, default False

    Returns
    -------
    tensor, shape (...)
        Of zeros and ones. Classes that tie with the last one counted are in.

    Examples
    --------
    >>> sparse_top_k_categorical_accuracy([2, 0], [[0.5, 0.3, 0.2], [0.2, 0.3, 0.1]], k=2).tolist()
    [0.0, 1.0]
    """
    classes, scores = _classes(y_true, y_pred)
    if from_sorted_ids:
        return _as_numbers(ops.any(ops.equal(ops.expand_dims(classes, -1), scores[..., :k]), axis=-1))
    return _as_numbers(ops.in_top_k(ops.cast(classes, "int32"), scores, k))


def _classes(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Classes of shape (...) and predictions of shape (..., n)."""
    backend = owner(y_pred, y_true)
    y_true, y_pred = as_tensor(y_true, backend), as_tensor(y_pred, backend)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if len(y_true.shape) != len(y_pred.shape) - 1:
        raise ValueError(
            f"y_true has shape {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}: "
            "expected the same but for y_pred's last axis"
        )
    return y_true, y_pred


def _as_numbers(x: Tensor) -> Tensor:
    return ops.cast(x, config.floatx())


@public("keras.metrics.Accuracy")
class Accuracy(MeanMetricWrapper):
    """How often predictions equal targets.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]))
    0.75
    """

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name=name, dtype=dtype)


@public("keras.metrics.BinaryAccuracy")
class BinaryAccuracy(MeanMetricWrapper):
    """How often ``y_pred > threshold`` agrees with targets of 0 and 1.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    threshold : float, default 0.5
        In [0, 1].

    Raises
    ------
    ValueError
        If `threshold` is not in [0, 1].

    Examples
    --------
    >>> float(BinaryAccuracy()([1, 1, 0, 0], [0.9, 0.3, 0.1, 0.4]))
    0.75
    """

    def __init__(self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5) -> None:
        if not 0 <= threshold <= 1:
            raise ValueError(f"BinaryAccuracy(threshold={threshold!r}): expected a number in [0, 1]")
        super().__init__(binary_accuracy, name=name, dtype=dtype, threshold=threshold)
        self.threshold = threshold


@public("keras.metrics.CategoricalAccuracy")
class CategoricalAccuracy(MeanMetricWrapper):
    """How often the class with the highest prediction is that of a one-hot target.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]]))
    0.5
    """

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name=name, dtype=dtype)


@public("keras.metrics.SparseCategoricalAccuracy")
class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the class with the highest prediction is the target.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(SparseCategoricalAccuracy()([1, 0], [[0.2, 0.8], [0.4, 0.6]]))
    0.5
    """

    casts_targets = False

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name=name, dtype=dtype)


@public("keras.metrics.TopKCategoricalAccuracy")
class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of a one-hot target is among the `k` with the highest predictions.

    Parameters
    ----------
    k : int, default 5
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> float(TopKCategoricalAccuracy(k=2)([[0, 0, 1], [1, 0, 0]], [[0.5, 0.3, 0.2], [0.2, 0.3, 0.1]]))
    0.5
    """

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(top_k_categorical_accuracy, name=name, dtype=dtype, k=k)
        self.k = k


@public("keras.metrics.SparseTopKCategoricalAccuracy")
class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the target is among the `k` classes with the highest predictions.

    Parameters
    ----------
    k : int, default 5
    name, dtype
        As for `Metric`.
    from_sorted_ids : bool, default False
        Whether predictions are classes, the likeliest first, and not scores.

    Examples
    --------
    >>> float(SparseTopKCategoricalAccuracy(k=2)([2, 0], [[0.5, 0.3, 0.2], [0.2, 0.3, 0.1]]))
    0.5
    """

    casts_targets = False

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            sparse_top_k_categorical_accuracy, name=name, dtype=dtype, k=k, from_sorted_ids=from_sorted_ids
        )
        self.k, self.from_sorted_ids = k, from_sorted_ids

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if not self.from_sorted_ids:
            del config["from_sorted_ids"]  # Keras does not write it
        return config
