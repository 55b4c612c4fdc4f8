"""Predictions by rank."""

from __future__ import annotations

from typing import Any, cast

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import broadcast_shapes, tested
from dl_ops.typing import IndicesLike, Shape, Tensor, TensorLike

__all__ = ["in_top_k"]


def _targets_shape(targets: Any, predictions: Any, k: int) -> Shape:
    if len(predictions.shape) != len(targets.shape) + 1:
        raise ValueError(
            f"predictions have shape {predictions.shape}: expected one axis more than targets, {targets.shape}"
        )
    broadcast_shapes(tuple(targets.shape), tuple(predictions.shape[:-1]))
    return tuple(targets.shape)


@op(shape=_targets_shape, dtype=tested)
def in_top_k(targets: IndicesLike, predictions: TensorLike, k: int) -> Tensor:
    """Whether each target class is among the `k` classes with the highest predictions.

    Parameters
    ----------
    targets : tensor_like of int, shape (...)
        Class indices.
    predictions : tensor_like, shape (..., classes)
    k : int
        How many classes count.

    Returns
    -------
    tensor of bool, shape (...)
        Classes that tie with the last one counted are in. False where a target is no class, or its prediction is not
        finite.

    Examples
    --------
    >>> in_top_k([1, 2], [[0.1, 0.9, 0.2], [0.6, 0.3, 0.1]], k=2).tolist()
    [True, False]
    """
    classes = cast(Tensor, predictions).shape[-1]
    valid = ops.logical_and(ops.greater_equal(targets, 0), ops.less(targets, classes))
    index = ops.expand_dims(ops.where(valid, targets, 0), -1)
    own = ops.take_along_axis(predictions, index, axis=-1)
    higher = ops.sum(ops.cast(ops.greater(predictions, own), "int32"), axis=-1)
    known = ops.logical_and(valid, ops.isfinite(ops.squeeze(own, -1)))
    return ops.logical_and(known, ops.less(higher, k))
