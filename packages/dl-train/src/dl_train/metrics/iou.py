"""Intersection over union of predicted and true classes, for segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_layers.layer.masks import any_mask, with_mask_of
from dl_ops import config, ops
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.arguments import check_alike, check_number
from dl_train.losses.weighting import align_ranks, as_tensor, mask_of
from dl_train.metrics.base import Metric
from dl_train.metrics.confusion import check_whole
from dl_train.metrics.inputs import weights_for


class _Overlap(Metric):
    """Base of these metrics: weights of all pairs of true and predicted class, in a matrix."""

    def _start(self, num_classes: int, ignore_class: int | None, sparse: tuple[bool, bool], axis: int) -> None:
        name = type(self).__name__
        if num_classes is None:
            raise ValueError(f"{name}(num_classes=None): expected an integer of at least 1")
        check_whole(name, "num_classes", num_classes, least=1)
        check_whole(name, "ignore_class", ignore_class)
        check_whole(name, "axis", axis)
        self.num_classes, self.ignore_class, self.axis = num_classes, ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse
        self.total_cm = self.add_variable((num_classes, num_classes), "zeros", name="total_confusion_matrix")

    def _choose(self, target_class_ids: Sequence[int]) -> None:
        ids = list(target_class_ids) if isinstance(target_class_ids, (list, tuple, range)) else None
        if not ids or not all(isinstance(i, int) and 0 <= i < self.num_classes for i in ids):
            expected = f"integers from 0 to {self.num_classes - 1}, at least one"
            raise ValueError(f"{type(self).__name__}(target_class_ids={target_class_ids!r}): expected {expected}")
        self.target_class_ids = ids

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true, y_pred : tensor_like, shape (batch, ...)
            Classes, or with one more axis scores of each class, of which the highest counts. Pairs with a class that is
            not in ``range(num_classes)`` do not count.
        sample_weight : tensor_like, optional
            For leading axes of the classes.
        """
        mask = mask_of(y_pred) if any_mask() else None
        target, output = (as_tensor(y, self._backend) for y in (y_true, y_pred))
        target, output = align_ranks(
            self._classes(target, self.sparse_y_true), self._classes(output, self.sparse_y_pred)
        )
        check_alike(f"{self.name}: classes", target, output)
        if not is_float(self._dtype) and sample_weight is not None:
            given = standardize_dtype(as_tensor(sample_weight, self._backend).dtype)
            if is_float(given):
                raise ValueError(
                    f"{self.name}: weights of {given} would be cut to {self._dtype}: give the metric dtype='float32'"
                )
        weights = weights_for(self, sample_weight, mask, output)
        counted: Any = ops.logical_and(target >= 0, target < self.num_classes)
        counted = ops.logical_and(counted, ops.logical_and(output >= 0, output < self.num_classes))
        if self.ignore_class is not None:
            counted = ops.logical_and(counted, ops.not_equal(target, self.ignore_class))
        cells = ops.where(counted, target * self.num_classes + output, -1)
        whole = ops.ones_like(cells, dtype=self._dtype)
        values = ops.reshape(whole if weights is None else weights * whole, (-1,))
        size = self.num_classes
        sums: Any = ops.segment_sum(values, ops.reshape(cells, (-1,)), num_segments=size * size)
        self._add((self.total_cm, ops.reshape(sums, (size, size))))

    def _classes(self, y: Any, sparse: bool) -> Any:
        return ops.cast(y, "int32") if sparse else ops.argmax(y, axis=self.axis)

    def result(self) -> Tensor:
        matrix: Any = self.total_cm.value
        if not is_float(self._dtype):
            matrix = ops.cast(matrix, config.floatx())
        # the diagonal, at which PyTorch's compiler warns of itself
        both = ops.reshape(matrix, (-1,))[:: self.num_classes + 1]
        either = ops.sum(matrix, axis=0) + ops.sum(matrix, axis=1) - both
        shares: Any = ops.divide_no_nan(both, either)
        there: Any = ops.cast(ops.greater(either, 0), shares.dtype)
        ids = self.target_class_ids
        if ids != list(range(self.num_classes)):
            shares, there = (ops.take(x, np.asarray(ids, "int32"), axis=0) for x in (shares, there))
        mean: Tensor = ops.divide_no_nan(ops.sum(shares), ops.sum(there))
        return mean

    def _settings(self, *names: str) -> dict[str, Any]:
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@public("keras.metrics.IoU")
class IoU(_Overlap):
    """Intersection over union of some classes: ``tp / (tp + fp + fn)``, averaged over those that occur at all.

    Parameters
    ----------
    num_classes : int
    target_class_ids : sequence of int
        The classes whose mean is the result.
    name, dtype
        As for `Metric`. With an integer dtype, which Keras has as its default, counts are exact up to its limit, and
        weights must be integers.
    ignore_class : int, optional
        Where targets are of this class, such as 255 for unlabelled pixels, nothing counts.
    sparse_y_true, sparse_y_pred : bool, default True
        Whether targets and predictions are classes; else they are scores of each class.
    axis : int, default -1
        Axis of the scores.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> metric = IoU(num_classes=2, target_class_ids=[0])
    >>> float(metric([0, 0, 1, 1], [0, 1, 0, 1]))
    0.333...
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._start(num_classes, ignore_class, (sparse_y_true, sparse_y_pred), axis)
        self._choose(target_class_ids)

    def get_config(self) -> dict[str, Any]:
        return self._settings(
            "num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis"
        )


@public("keras.metrics.BinaryIoU")
class BinaryIoU(IoU):
    """Intersection over union of class 0, class 1 or their mean, for predictions of one number.

    Parameters
    ----------
    target_class_ids : sequence of int, default (0, 1)
    threshold : float, default 0.5
        Predictions of at least this are class 1.
    name, dtype
        As for `IoU`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> metric = BinaryIoU(threshold=0.3)
    >>> float(metric([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]))
    0.333...
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        check_number("BinaryIoU", "threshold", threshold)
        super().__init__(num_classes=2, target_class_ids=target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor_like, shape (batch, ...)
            0 or 1.
        y_pred : tensor_like, shape (batch, ...)
        sample_weight : tensor_like, optional
            For leading axes.
        """
        output = as_tensor(y_pred, self._backend)
        super().update_state(y_true, with_mask_of(y_pred, ops.greater_equal(output, self.threshold)), sample_weight)

    def get_config(self) -> dict[str, Any]:
        return self._settings("target_class_ids", "threshold")


@public("keras.metrics.MeanIoU")
class MeanIoU(IoU):
    """Intersection over union, ``tp / (tp + fp + fn)``, averaged over the classes that occur at all.

    Parameters
    ----------
    num_classes : int
    name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        As for `IoU`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> metric = MeanIoU(num_classes=2)
    >>> float(metric([0, 0, 1, 1], [0, 1, 0, 1], sample_weight=[0.3, 0.3, 0.3, 0.1]))
    0.238...
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        check_whole(type(self).__name__, "num_classes", num_classes, least=1)
        super().__init__(
            num_classes, range(num_classes or 0), name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        return self._settings("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")


@public("keras.metrics.OneHotIoU")
class OneHotIoU(IoU):
    """Intersection over union of some classes, for one-hot targets.

    Parameters
    ----------
    num_classes : int
    target_class_ids : sequence of int
        The classes whose mean is the result.
    name, dtype, ignore_class, axis
        As for `IoU`.
    sparse_y_pred : bool, default False
        Whether predictions are classes; else they are scores of each class.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> metric = OneHotIoU(num_classes=2, target_class_ids=[1])
    >>> float(metric([[1, 0], [0, 1]], [[0.2, 0.8], [0.4, 0.6]]))
    0.5
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        return self._settings("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")


@public("keras.metrics.OneHotMeanIoU")
class OneHotMeanIoU(MeanIoU):
    """Intersection over union, averaged over the classes that occur at all, for one-hot targets.

    Parameters
    ----------
    num_classes : int
    name, dtype, ignore_class, axis
        As for `IoU`.
    sparse_y_pred : bool, default False
        Whether predictions are classes; else they are scores of each class.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> metric = OneHotMeanIoU(num_classes=2)
    >>> float(metric([[1, 0], [0, 1]], [[0.2, 0.8], [0.4, 0.6]]))
    0.25
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        return self._settings("num_classes", "ignore_class", "sparse_y_pred", "axis")
