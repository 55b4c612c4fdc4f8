"""Loss of label sequences that are shorter than what predicts them."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.core.tensors import known_size
from dl_ops.objects import public
from dl_ops.rules import may_be_equal
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.base import SUM_OVER_BATCH_SIZE, LossFunctionWrapper
from dl_train.losses.sparse import class_numbers
from dl_train.losses.weighting import in_float, owner


@public("keras.losses.ctc")
def ctc(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Connectionist temporal classification: cross-entropy of label sequences, summed over all alignments.

    Parameters
    ----------
    y_true : tensor_like of int, shape (batch, labels)
        Classes from 1 on, filled up with zeros at the end.
    y_pred : tensor_like, shape (batch, time, classes)
        Logits; class 0 stands for no label.

    Returns
    -------
    tensor, shape (batch,)
        In nats. Infinite where there are too few steps for the labels; NaN where one of them is no class, or is 0 with
        others behind.

    Raises
    ------
    ValueError
        If the shapes are not these.

    References
    ----------
    Graves et al., "Connectionist Temporal Classification", ICML 2006.

    Examples
    --------
    >>> ctc([[1, 0]], [[[0.0, 0.0], [0.0, 0.0]]]).tolist()
    [0.2876...]
    """
    backend = owner(y_pred, y_true)
    labels, output = class_numbers(y_true, backend), in_float(y_pred, backend)
    shape = tuple(output.shape)
    if len(shape) != 3:
        raise ValueError(f"ctc: y_pred has shape {shape}: expected (batch, time, classes)")
    if len(labels.shape) != 2 or not may_be_equal(labels.shape[:1], shape[:1]):
        raise ValueError(f"ctc: y_true has shape {tuple(labels.shape)}: expected ({shape[0]}, labels)")
    present = ops.not_equal(labels, 0)
    places = ops.cumsum(ops.ones_like(labels, dtype="int32"), axis=1)
    lengths = ops.max(ops.where(present, places, 0), axis=1, initial=0)
    return ops.ctc_loss(labels, output, lengths, ops.zeros_like(lengths) + known_size(output, 1), mask_index=0)


@public("keras.losses.CTC")
class CTC(LossFunctionWrapper):
    """Connectionist temporal classification: cross-entropy of label sequences, summed over all alignments.

    Targets have shape ``(batch, labels)``, filled up with zeros; predictions are logits of shape
    ``(batch, time, classes)``, of which class 0 stands for no label.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> float(CTC()([[1, 0]], [[[0.0, 0.0], [0.0, 0.0]]]))
    0.2876...
    """

    casts_targets = False

    def __init__(
        self, reduction: str | None = SUM_OVER_BATCH_SIZE, name: str | None = "ctc", dtype: Any = None
    ) -> None:
        super().__init__(ctc, reduction, name, dtype)
