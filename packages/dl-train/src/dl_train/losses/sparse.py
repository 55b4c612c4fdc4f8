"""Losses of class probabilities whose targets are class numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from dl_layers.layer.masks import any_mask
from dl_ops import config, ops
from dl_ops.backend import Backend
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.nn.losses import mean_sparse_categorical_crossentropy
from dl_ops.objects import public
from dl_ops.rules import may_be_equal
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.arguments import check_number
from dl_train.losses.base import SUM_OVER_BATCH_SIZE, LossFunctionWrapper
from dl_train.losses.weighting import MEANS, as_tensor, in_float, owner

_NO_CLASS = -(2.0**15)
"""What a float that is no whole number becomes; exact in every float."""


def class_numbers(y_true: Any, backend: Backend) -> Any:
    """Targets as integers; floats that are not whole, NaN among them, as one that is no class."""
    target = as_tensor(y_true, backend)
    dtype = standardize_dtype(target.dtype)
    if not is_float(dtype):
        return ops.cast(target, "int32") if dtype == "bool" else target
    whole = ops.logical_and(ops.isfinite(target), ops.equal(target, ops.round(target)))
    return ops.cast(ops.where(whole, target, _NO_CLASS), "int32")


def counted(y_true: Any, rank: int, ignore_class: int) -> Any:
    """Which samples are not of the class to ignore; classes may have a last axis of size 1 in excess of `rank`."""
    if len(y_true.shape) > rank:
        y_true = ops.squeeze(y_true, -1)
    return ops.not_equal(y_true, ignore_class)


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
        In nats. NaN for a class that does not exist.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> sparse_categorical_crossentropy([1, -1], [[0.5, 0.5], [0.9, 0.1]], ignore_class=-1).tolist()
    [0.6931..., 0.0]
    """
    backend = owner(y_pred, y_true)
    target, output = class_numbers(y_true, backend), in_float(y_pred, backend)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(target, output, from_logits, axis)
    losses = ops.sparse_categorical_crossentropy(target, output, from_logits, axis)
    return ops.where(counted(target, len(losses.shape), ignore_class), losses, ops.zeros_like(losses))  # type: ignore[no-any-return]


@public("keras.losses.categorical_generalized_cross_entropy")
def categorical_generalized_cross_entropy(y_true: TensorLike, y_pred: TensorLike, q: float) -> Tensor:
    """Loss of class probabilities that wrong labels disturb less than cross-entropy: ``(1 - p ** q) / q``.

    Tends to cross-entropy for small `q`, and to ``1 - p`` for `q` near 1.

    Parameters
    ----------
    y_true : tensor_like of int, shape (...) or (..., 1)
        Classes.
    y_pred : tensor_like, shape (..., classes)
        Probabilities; ``p`` is that of the class.
    q : float
        In (0, 1).

    Returns
    -------
    tensor, shape (...)
        NaN for a class that does not exist.

    Raises
    ------
    ValueError
        If `q` is not in (0, 1), or the shapes do not fit together.

    References
    ----------
    Zhang, Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels",
    arXiv:1805.07836.

    Examples
    --------
    >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], q=0.5).tolist()
    [1.0]
    """
    check_q("categorical_generalized_cross_entropy", q)
    backend = owner(y_pred, y_true)
    target, output = class_numbers(y_true, backend), in_float(y_pred, backend)
    shape = tuple(output.shape)
    if len(target.shape) == len(shape) and shape and target.shape[-1] == 1:
        target = ops.squeeze(target, -1)
    if not shape or not may_be_equal(target.shape, shape[:-1]):
        raise ValueError(
            f"categorical_generalized_cross_entropy: y_true has shape {tuple(target.shape)}: expected {shape[:-1]}, "
            "class numbers for all but the last axis of y_pred"
        )
    chosen = ops.one_hot(target, shape[-1], dtype="bool")
    p = ops.sum(ops.where(chosen, output, 0.0), axis=-1)
    # the slope of the power is infinite at 0: below epsilon it is a straight line
    least = config.epsilon()
    line = ops.minimum(p, least) / least * least**q
    power = ops.where(ops.less(p, least), line, ops.power(ops.maximum(p, least), q))
    return ops.where(ops.any(chosen, axis=-1), (1.0 - power) / q, float("nan"))  # type: ignore[no-any-return]


def check_q(of: str, q: Any) -> None:
    """Refuse an exponent that is not between 0 and 1."""
    check_number(of, "q", q)
    if not 0 < q < 1:
        raise ValueError(f"{of}(q={q!r}): expected a number in (0, 1)")


@public("keras.losses.SparseCategoricalCrossentropy")
class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of predicted class probabilities with classes given by number.

    Parameters
    ----------
    from_logits : bool, default False
        Whether predictions are logits, not probabilities.
    ignore_class : int, optional
        Class whose samples do not count, such as -1 for unlabelled pixels.
    reduction : str or None, default "sum_over_batch_size"
    axis : int, default -1
        Axis of the classes.
    name, dtype
        As for `Loss`.

    Examples
    --------
    >>> loss = SparseCategoricalCrossentropy(ignore_class=-1)
    >>> float(loss([1, -1], [[0.5, 0.5], [0.9, 0.1]]))
    0.6931...
    """

    casts_targets = False
    unwritten: ClassVar[Mapping[str, Any]] = {"axis": -1}

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        plain = sample_weight is None and not isinstance(y_pred, (list, tuple, dict)) and self.reduction in MEANS
        if not (plain and self._computes_its_own() and not any_mask()):
            return super().__call__(y_true, y_pred, sample_weight)
        backend = owner(y_pred, y_true)
        y_pred, classes = as_tensor(y_pred, backend, self._dtype), class_numbers(y_true, backend)
        return mean_sparse_categorical_crossentropy(classes, y_pred, self.kwargs["from_logits"], self.kwargs["axis"])

    def _computes_its_own(self) -> bool:
        """Whether all samples count, and no subclass has put another function in the place of this one."""
        cls = type(self)
        own = cls.call is LossFunctionWrapper.call and cls.mask is SparseCategoricalCrossentropy.mask
        return own and self.fn is sparse_categorical_crossentropy and self.kwargs["ignore_class"] is None

    def mask(self, y_true: Any, losses: Any) -> Any:
        return None if self.ignore_class is None else counted(y_true, losses.ndim, self.ignore_class)


@public("keras.losses.CategoricalGeneralizedCrossEntropy")
class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """Loss of class probabilities that wrong labels disturb less than cross-entropy: ``(1 - p ** q) / q``.

    Targets are class numbers.

    Parameters
    ----------
    q : float, default 0.5
        In (0, 1): near 0 as cross-entropy, near 1 as ``1 - p``.
    reduction, name, dtype
        As for `Loss`.

    Raises
    ------
    ValueError
        If `q` is not in (0, 1).

    References
    ----------
    Zhang, Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels",
    arXiv:1805.07836.

    Examples
    --------
    >>> float(CategoricalGeneralizedCrossEntropy()([1, 0], [[0.75, 0.25], [1.0, 0.0]]))
    0.5
    """

    casts_targets = False

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        check_q("CategoricalGeneralizedCrossEntropy", q)
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
        self.q = q
