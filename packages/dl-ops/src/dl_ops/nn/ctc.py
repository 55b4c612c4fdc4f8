"""Connectionist temporal classification: the loss."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import promote
from dl_ops.op import op
from dl_ops.rules import DtypeRule
from dl_ops.typing import IndicesLike, Shape, Tensor, TensorLike

__all__ = ["ctc_loss"]

IMPOSSIBLE: Final = -1e30
"""Stands for the logarithm of 0 in sums: differences of infinities are NaN, and so are gradients where they meet."""

at_least_float32: Final = DtypeRule(lambda dtypes: promote(*dtypes, "float32"), lambda dtype, arguments: dtype)
"""Operands become floats of 32 bits at least."""


def is_possible(logarithm: Any) -> Any:
    """Whether a sum of logarithms stands for a probability other than 0."""
    return ops.greater(logarithm, IMPOSSIBLE / 10)


def check_sequences(x: Any, lengths: Any, name: str, name_of_lengths: str) -> Shape:
    """The shape (batch, time, classes) of `x`; a ``ValueError`` unless `lengths` has one for each sequence."""
    shape, count = tuple(x.shape), tuple(lengths.shape)
    if len(shape) != 3:
        raise ValueError(f"{name} has shape {shape}: expected (batch, time, classes)")
    if len(count) != 1 or (None not in (count[0], shape[0]) and count[0] != shape[0]):
        raise ValueError(f"{name_of_lengths} has shape {count}: expected {(shape[0],)}, one for each sequence")
    return shape


def check_class(mask_index: int, classes: int | None) -> None:
    """Raise a ``ValueError`` unless `mask_index` is a class."""
    if mask_index < 0 or (classes is not None and mask_index >= classes):
        raise ValueError(f"mask_index={mask_index}: expected one of {classes} classes")


def _loss_shape(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Shape:
    batch, _, classes = check_sequences(output, output_length, "output", "output_length")
    labels = tuple(target.shape)
    if len(labels) != 2 or (None not in (labels[0], batch) and labels[0] != batch):
        raise ValueError(f"target has shape {labels}: expected ({batch}, labels)")
    check_sequences(output, target_length, "output", "target_length")
    check_class(mask_index, classes)
    return (labels[0] if batch is None else batch,)


@op(shape=_loss_shape, dtype=at_least_float32)
def ctc_loss(
    target: IndicesLike,
    output: TensorLike,
    target_length: IndicesLike,
    output_length: IndicesLike,
    mask_index: int = 0,
) -> Tensor:
    """Cross-entropy of label sequences that are shorter than what predicts them, summed over all alignments.

    An alignment has a class for each time step: with repetitions merged, and then the class `mask_index` left out, it
    gives the labels.

    Parameters
    ----------
    target : tensor_like of int, shape (batch, labels)
        Class indices other than `mask_index`, filled up with anything.
    output : tensor_like, shape (batch, time, classes)
        Logits, whose `softmax` are the probabilities of each step.
    target_length : tensor_like of int, shape (batch,)
        Number of labels in each sequence.
    output_length : tensor_like of int, shape (batch,)
        Number of steps in each sequence.
    mask_index : int, default 0
        The class that stands for no label.

    Returns
    -------
    tensor of float32 at least, shape (batch,)
        In nats. Infinite where there are too few steps for the labels, and NaN where a label is no class or is
        `mask_index`; either has a gradient of 0.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or `mask_index` is no class.

    References
    ----------
    Graves et al., "Connectionist Temporal Classification", ICML 2006: the forward variables, in logarithms.

    Examples
    --------
    >>> ctc_loss([[1]], [[[0.0, 0.0], [0.0, 0.0]]], [1], [2]).tolist()
    [0.2876...]
    """
    _loss_shape(target, output, target_length, output_length, mask_index)
    are_labels, labels = _labels(target, target_length, mask_index, known_size(output, -1))
    states = _states(labels, mask_index)
    skipping = _may_skip(states, mask_index)
    dtype = dtype_of(output)
    first = np.where(np.arange(known_size(states, 1)) == 0, 0.0, IMPOSSIBLE)
    start = ops.add(ops.zeros_like(states, dtype=dtype), ops.cast(first, dtype))
    lengths = ops.expand_dims(ops.cast(output_length, "int32"), -1)

    def step(carry: Any, log_probabilities: Any) -> Any:
        time, before = carry
        arriving = [before, _delayed(before, 1), ops.where(skipping, _delayed(before, 2), IMPOSSIBLE)]
        emitted = ops.take_along_axis(log_probabilities, states, axis=-1)
        after = ops.add(ops.logsumexp(ops.stack(arriving), axis=0), emitted)
        return (ops.add(time, 1), ops.where(ops.less(time, lengths), after, before)), None

    steps = ops.swapaxes(ops.log_softmax(output, axis=-1), 0, 1)
    (_, reached), _ = ops.scan(step, (ops.zeros_like(lengths), start), steps)
    # the last label, or none after it
    last = ops.multiply(ops.expand_dims(ops.cast(target_length, "int32"), -1), 2)
    label = ops.take_along_axis(reached, ops.maximum(ops.subtract(last, 1), 0), axis=-1)
    ends = [ops.take_along_axis(reached, last, axis=-1), ops.where(ops.greater(last, 0), label, IMPOSSIBLE)]
    total = ops.logsumexp(ops.concatenate(ends, axis=-1), axis=-1)
    losses = ops.where(is_possible(total), ops.negative(total), float("inf"))
    return ops.where(are_labels, losses, float("nan"))  # type: ignore[no-any-return]


def _labels(target: Any, target_length: Any, mask_index: int, classes: int) -> tuple[Any, Any]:
    """Whether all that a sequence has are labels; and these, with `mask_index` in all other places."""
    places = np.arange(known_size(target, 1), dtype="int32")
    used = ops.less(places, ops.expand_dims(ops.cast(target_length, "int32"), -1))
    exist = ops.logical_and(ops.greater_equal(target, 0), ops.less(target, classes))
    good = ops.logical_and(exist, ops.not_equal(target, mask_index))
    labels = ops.where(ops.logical_and(used, good), ops.cast(target, "int32"), mask_index)
    return ops.all(ops.logical_or(good, ops.logical_not(used)), axis=-1), labels


def _states(labels: Any, mask_index: int) -> Any:
    """Classes that an alignment runs through: the labels, with `mask_index` before, between and behind them."""
    count = known_size(labels, 1)
    pairs = ops.stack([ops.full_like(labels, mask_index), labels], axis=-1)
    batch = shape_of(labels)[0]
    between = ops.reshape(pairs, (-1 if batch is None else batch, 2 * count))
    return ops.pad(between, [(0, 0), (0, 1)], constant_values=mask_index)


def _may_skip(states: Any, mask_index: int) -> Any:
    """Where an alignment may come from two states before: at labels that differ from the last one."""
    before = ops.pad(states[:, :-2], [(0, 0), (2, 0)], constant_values=mask_index)
    return ops.logical_and(ops.not_equal(states, mask_index), ops.not_equal(states, before[:, : known_size(states, 1)]))


def _delayed(x: Any, count: int) -> Any:
    """Each element moved by `count` places."""
    size = known_size(x, -1)
    padded = ops.pad(x, [(0, 0), (count, 0)], constant_values=IMPOSSIBLE)
    return padded[:, :size]
