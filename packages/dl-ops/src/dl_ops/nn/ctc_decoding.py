"""Connectionist temporal classification: from probabilities to labels."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.linalg.matrices import spec
from dl_ops.nn.ctc import IMPOSSIBLE, at_least_float32, check_class, check_sequences, is_possible
from dl_ops.op import op
from dl_ops.typing import IndicesLike, Tensor, TensorLike

__all__ = ["ctc_decode"]

_NO_LABEL: Final = -1
_PRIMES: Final = (4093, 4091, 4079, 4073, 4057)
"""Below the root of the largest integer up to which float32 has all: not every framework computes with integers."""

_FACTORS: Final = (3011, 2999, 2971, 2969, 2963)


def _decode_spec(
    inputs: Any,
    sequence_lengths: Any,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> Any:
    batch, time, classes = check_sequences(inputs, sequence_lengths, "inputs", "sequence_lengths")
    check_class(mask_index, classes)
    _check_options(strategy, beam_width, top_paths)
    paths = top_paths if strategy == "beam_search" else 1
    return spec((paths, batch, time), "int32"), spec((batch, paths), inputs.dtype)


def _check_options(strategy: str, beam_width: int, top_paths: int) -> None:
    if strategy not in ("greedy", "beam_search"):
        raise ValueError(f"strategy={strategy!r}: expected 'greedy' or 'beam_search'")
    for name, number in (("beam_width", beam_width), ("top_paths", top_paths)):
        if number < 1:
            raise ValueError(f"{name}={number}: expected a positive integer")


@op(spec=_decode_spec, dtype=at_least_float32)
def ctc_decode(
    inputs: TensorLike,
    sequence_lengths: IndicesLike,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> tuple[Tensor, Tensor]:
    """Label sequences that predictions trained with `ctc_loss` stand for.

    Parameters
    ----------
    inputs : tensor_like, shape (batch, time, classes)
        Logits.
    sequence_lengths : tensor_like of int, shape (batch,)
        Number of steps in each sequence.
    strategy : {"greedy", "beam_search"}
        ``"greedy"`` takes the most probable class of each step. ``"beam_search"`` adds up the alignments of the same
        labels, and keeps the `beam_width` most probable beginnings after each step.
    beam_width : int, default 100
        For ``"beam_search"`` alone.
    top_paths : int, default 1
        Number of label sequences, for ``"beam_search"`` alone.
    merge_repeated : bool, default True
        Whether a class in consecutive steps is one label, for ``"greedy"`` alone; a beam search always merges.
    mask_index : int, default 0
        The class that stands for no label.

    Returns
    -------
    labels : tensor of int32, shape (paths, batch, time)
        The most probable first; filled up with -1. One path for ``"greedy"``, else `top_paths`.
    scores : tensor of float32 at least, shape (batch, paths)
        For ``"greedy"`` minus the sum of the logits that were taken; for ``"beam_search"`` logarithms of the
        probabilities, minus infinity where there are no more paths.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or an option is not one of those above.

    References
    ----------
    Graves et al., "Connectionist Temporal Classification", ICML 2006; Hannun et al., "First-Pass Large Vocabulary
    Continuous Speech Recognition using Bi-Directional Recurrent DNNs", arXiv:1408.2873, for the beam search.

    Examples
    --------
    >>> labels, scores = ctc_decode([[[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]], [4])
    >>> labels.tolist(), scores.tolist()
    ([[[1, 1, -1, -1]]], [[-4.0]])
    """
    _decode_spec(inputs, sequence_lengths, strategy, beam_width, top_paths, merge_repeated, mask_index)
    lengths = ops.expand_dims(ops.cast(sequence_lengths, "int32"), -1)
    if strategy == "greedy":
        return _greedy(inputs, lengths, merge_repeated, mask_index)
    return _beam_search(inputs, lengths, beam_width, top_paths, mask_index)


def _greedy(logits: Any, lengths: Any, merge_repeated: bool, mask_index: int) -> tuple[Any, Any]:
    best = ops.cast(ops.argmax(logits, axis=-1), "int32")
    places = ops.subtract(ops.cumsum(ops.ones_like(best), axis=-1), 1)
    inside = ops.less(places, lengths)
    taken = ops.logical_and(inside, ops.not_equal(best, mask_index))
    if merge_repeated:
        before = ops.pad(best, [(0, 0), (1, 0)], constant_values=_NO_LABEL)[:, :-1]
        taken = ops.logical_and(taken, ops.not_equal(best, before))
    # a stable sort moves what is taken to the front
    order = ops.argsort(ops.cast(ops.logical_not(taken), "int32"), axis=-1)
    count = ops.sum(ops.cast(taken, "int32"), axis=-1, keepdims=True)
    labels = ops.where(ops.less(places, count), ops.take_along_axis(best, order, axis=-1), _NO_LABEL)
    scores = ops.sum(ops.where(inside, ops.max(logits, axis=-1), 0.0), axis=-1, keepdims=True)
    return ops.expand_dims(labels, 0), ops.negative(scores)


# -- beam search ------------------------------------------------------------------------------------------------------
#
# Of each beginning of a label sequence, a beam, the carry has: the labels, how many they are, the last one, and
# fingerprints of all and of all but the last, each of shape (batch, beams, ...); and the logarithms of the
# probabilities that its alignments end in the mask, and that they end in the last label.


def _beam_search(logits: Any, lengths: Any, width: int, paths: int, mask_index: int) -> tuple[Any, Any]:
    steps, classes = known_size(logits, 1), known_size(logits, 2)
    logs = ops.log_softmax(logits, axis=-1)
    dtype = dtype_of(logs)
    # one zero a sequence and beam
    zeros = ops.add(ops.zeros_like(lengths), np.zeros((1, width), "int32"))
    first = ops.add(ops.cast(zeros, dtype), np.where(np.arange(width) == 0, 0.0, IMPOSSIBLE).astype("float32"))
    beams = {
        "labels": ops.add(ops.expand_dims(zeros, -1), np.full(steps, _NO_LABEL, "int32")),
        "count": zeros,
        "last": ops.add(zeros, _NO_LABEL),
        "fingerprint": ops.add(ops.expand_dims(zeros, -1), np.ones(len(_PRIMES), "int32")),
        "parent": ops.add(ops.expand_dims(zeros, -1), np.full(len(_PRIMES), _NO_LABEL, "int32")),
        "masked": ops.cast(first, dtype),
        "labelled": ops.full_like(first, IMPOSSIBLE),
    }

    def step(carry: Any, log_probabilities: Any) -> Any:
        time, before = carry
        after = _advanced(before, log_probabilities, width, classes, mask_index)
        going_on = ops.less(time, lengths)
        kept = {
            name: ops.where(ops.expand_dims(going_on, -1) if after[name].ndim == 3 else going_on, after[name], x)
            for name, x in before.items()
        }
        return (ops.add(time, 1), kept), None

    (_, beams), _ = ops.scan(step, (ops.zeros_like(lengths), beams), ops.swapaxes(logs, 0, 1))
    scores = _total(beams)
    missing = max(paths - width, 0)
    scores, order = ops.top_k(scores, min(paths, width))
    possible = is_possible(scores)
    labels = ops.where(ops.expand_dims(possible, -1), _chosen(beams["labels"], order), _NO_LABEL)
    scores = ops.where(possible, scores, float("-inf"))
    labels = ops.pad(labels, [(0, 0), (0, missing), (0, 0)], constant_values=_NO_LABEL)
    scores = ops.pad(scores, [(0, 0), (0, missing)], constant_values=float("-inf"))
    return ops.swapaxes(labels, 0, 1), scores


def _total(beams: Any) -> Any:
    return ops.logaddexp(beams["masked"], beams["labelled"])


def _advanced(beams: Any, logs: Any, width: int, classes: int, mask_index: int) -> Any:
    """The most probable beams after one more step."""
    total = _total(beams)
    last = ops.maximum(beams["last"], 0)
    # the same labels: with the mask, or with the last label once more
    of_last = ops.where(ops.equal(beams["last"], _NO_LABEL), IMPOSSIBLE, ops.take_along_axis(logs, last, axis=-1))
    masked = ops.add(total, logs[:, mask_index : mask_index + 1])
    labelled = ops.add(beams["labelled"], of_last)
    # one more label; the last one again counts as another only behind the mask
    every = np.arange(classes, dtype="int32")
    repeats = ops.equal(ops.expand_dims(beams["last"], -1), every)
    grown = ops.where(repeats, ops.expand_dims(beams["masked"], -1), ops.expand_dims(total, -1))
    grown = ops.add(grown, ops.expand_dims(logs, 1))
    grown = ops.where(every == mask_index, IMPOSSIBLE, grown)
    # what grows into another beam is added to it: related[j, i] says whether beam j is beam i and one label more
    related = ops.all(ops.equal(ops.expand_dims(beams["parent"], 2), ops.expand_dims(beams["fingerprint"], 1)), axis=-1)
    index = ops.add(ops.zeros_like(related, dtype="int32"), ops.expand_dims(last, 1))
    gained = ops.swapaxes(ops.take_along_axis(grown, index, axis=-1), 1, 2)
    labelled = ops.logaddexp(labelled, ops.max(ops.where(related, gained, IMPOSSIBLE), axis=-1))
    taken = ops.matmul(ops.swapaxes(ops.cast(related, "float32"), 1, 2), ops.cast(repeats, "float32"))
    grown = ops.where(ops.greater(taken, 0.5), IMPOSSIBLE, grown)
    # the best of all
    flat = ops.reshape(grown, (-1, width * classes))
    scores, order = ops.top_k(ops.concatenate([ops.logaddexp(masked, labelled), flat], axis=-1), width)
    order = ops.cast(order, "int32")
    longer = ops.greater_equal(order, width)
    source = ops.where(longer, ops.floor_divide(ops.subtract(order, width), classes), order)
    label = ops.where(longer, ops.mod(ops.subtract(order, width), classes), ops.take_along_axis(last, source, axis=-1))
    stayed = {"masked": masked, "labelled": labelled}
    chosen = {name: _chosen(stayed.get(name, x), source) for name, x in beams.items()}
    return _grown(chosen, longer, label, scores)


def _grown(beams: Any, longer: Any, label: Any, scores: Any) -> Any:
    """Beams, some of which get one more label; those without an alignment are made like no other."""
    possible = is_possible(scores)
    here = ops.equal(ops.expand_dims(beams["count"], -1), np.arange(known_size(beams["labels"], -1), dtype="int32"))
    each = ops.expand_dims(label, -1)
    primes, factors = np.array(_PRIMES, "int32"), np.array(_FACTORS, "int32")
    extended = ops.mod(ops.multiply(beams["fingerprint"], factors), primes)
    extended = ops.mod(ops.add(extended, ops.add(each, 1)), primes)
    many_longer, many_possible = ops.expand_dims(longer, -1), ops.expand_dims(possible, -1)
    parent = ops.where(many_longer, beams["fingerprint"], beams["parent"])
    fingerprint = ops.where(many_longer, extended, beams["fingerprint"])
    return {
        "labels": ops.where(ops.logical_and(here, many_longer), each, beams["labels"]),
        "count": ops.add(beams["count"], ops.cast(longer, "int32")),
        "last": ops.where(ops.logical_and(possible, longer), label, ops.where(possible, beams["last"], _NO_LABEL)),
        "fingerprint": ops.where(many_possible, fingerprint, _NO_LABEL - 1),
        "parent": ops.where(many_possible, parent, _NO_LABEL),
        "masked": ops.where(longer, IMPOSSIBLE, beams["masked"]),
        "labelled": ops.where(longer, scores, beams["labelled"]),
    }


def _chosen(x: Any, source: Any) -> Any:
    """Rows of `x`, of shape (batch, beams, ...), at indices of shape (batch, chosen)."""
    index = source if x.ndim == 2 else ops.expand_dims(source, -1)
    return ops.take_along_axis(x, index, axis=1)
