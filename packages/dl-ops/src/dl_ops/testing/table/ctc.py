"""Cases of connectionist temporal classification, by enumeration of all alignments."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw, integers
from dl_ops.testing.case import FLOATS, Case
from dl_ops.typing import Array


def _log_probabilities(output: Array) -> Array:
    total: Array = np.sum(np.exp(output), -1, keepdims=True)
    return output - np.log(total)


def _label_sequences(output: Array, mask_index: int) -> dict[tuple[int, ...], float]:
    """Probability of each label sequence, summed over its alignments."""
    steps, classes = output.shape
    logs = _log_probabilities(output)
    found: dict[tuple[int, ...], float] = defaultdict(float)
    for path in itertools.product(range(classes), repeat=steps):
        labels = tuple(label for label, _ in itertools.groupby(path) if label != mask_index)
        found[labels] += float(np.exp(sum(logs[i, label] for i, label in enumerate(path))))
    return found


def _loss(target: Array, output: Array, target_length: Array, output_length: Array, mask_index: int = 0) -> Array:
    losses = []
    for labels, logits, count, steps in zip(target, output, target_length, output_length, strict=True):
        used = labels[:count].tolist()
        if not set(used) <= set(range(output.shape[-1])) - {mask_index}:
            losses.append(np.nan)
            continue
        probability = _label_sequences(logits[:steps], mask_index).get(tuple(used), 0.0)
        losses.append(-np.log(probability) if probability else np.inf)
    return np.array(losses)


def _greedy(
    inputs: Array, sequence_lengths: Array, strategy: str = "greedy", merge_repeated: bool = True, mask_index: int = 0
) -> Any:
    labels = np.full(inputs.shape[:2], -1)
    scores = np.zeros((len(inputs), 1))
    for i, (logits, steps) in enumerate(zip(inputs, sequence_lengths, strict=True)):
        best = np.argmax(logits[:steps], -1).tolist()
        scores[i] = -np.sum(np.max(logits[:steps], -1))
        merged = [label for label, _ in itertools.groupby(best)] if merge_repeated else best
        kept = [label for label in merged if label != mask_index]
        labels[i, : len(kept)] = kept
    return labels[None], scores


def _best(
    inputs: Array, sequence_lengths: Array, strategy: str, beam_width: int, top_paths: int, mask_index: int = 0
) -> Any:
    """The most probable label sequences of all; what a beam search finds if it is wide enough."""
    labels = np.full((top_paths, *inputs.shape[:2]), -1)
    scores = np.full((len(inputs), top_paths), -np.inf)
    for i, (logits, steps) in enumerate(zip(inputs, sequence_lengths, strict=True)):
        ranked = sorted(_label_sequences(logits[:steps], mask_index).items(), key=lambda item: -item[1])
        for j, (sequence, probability) in enumerate(ranked[:top_paths]):
            labels[j, i, : len(sequence)] = sequence
            scores[i, j] = np.log(probability)
    return labels, scores


def _has_best_first(result: Any, inputs: Array, lengths: Array, strategy: str, beam_width: int, paths: int) -> None:
    """Check for a narrow search: what it finds is real, in order, and no more probable than it is."""
    labels, scores = result
    assert np.all(np.diff(scores, axis=-1) <= 0)
    for i, steps in enumerate(lengths):
        known = _label_sequences(inputs[i, :steps], 0)
        found = [tuple(row[row >= 0].tolist()) for row in labels[:, i]]
        assert len(set(found)) == len(found)
        for sequence, score in zip(found, scores[i], strict=True):
            assert score <= np.log(known[sequence]) + 1e-4


def _ints(*values: Any) -> Array:
    return np.array(values, "int32")


CASES: Final = [
    Case(
        "ctc_loss",
        (_ints([1, 2], [1, 1], [2, 7], [-1, -1]), draw(4, 4, 3), _ints(2, 2, 1, 0), _ints(4, 4, 3, 2)),
        reference=_loss,
        dtypes=FLOATS,
        gradient=True,
        tolerance=4,
        label="lengths",
    ),
    Case(
        "ctc_loss",
        (integers(0, 3, 2, 3), draw(2, 5, 4), _ints(3, 2), _ints(5, 5), 3),
        reference=_loss,
        gradient=True,
        tolerance=4,
        label="last class",
    ),
    Case(
        "ctc_loss",
        (_ints([1, 1, 2], [1, 2, 1]), draw(2, 3, 3), _ints(3, 3), _ints(3, 3)),
        reference=_loss,
        label="impossible",
    ),
    Case(
        "ctc_loss",
        (_ints([1, 2], [2, 1], [2, 1]), draw(3, 3, 3), _ints(0, 1, 0), _ints(0, 0, 3)),
        reference=_loss,
        label="no steps",
    ),
    Case(
        "ctc_loss", (_ints([1]), draw(1, 4, 2), _ints(1), _ints(4)), reference=_loss, gradient=True, label="one label"
    ),
    Case(
        "ctc_loss",
        (_ints([1, 3], [2, -1], [2, 0], [2, 1]), draw(4, 4, 3), _ints(2, 2, 2, 2), _ints(4, 4, 4, 4)),
        reference=_loss,
        label="no such class",
    ),
    Case("ctc_decode", (draw(3, 6, 3), _ints(6, 4, 0)), reference=_greedy, dtypes=FLOATS, label="greedy"),
    Case(
        "ctc_decode",
        (draw(2, 7, 3), _ints(7, 5)),
        {"merge_repeated": False, "mask_index": 2},
        reference=_greedy,
        label="greedy, not merged",
    ),
    Case(
        "ctc_decode",
        (draw(3, 5, 3), _ints(5, 3, 0), "beam_search", 100, 3),
        reference=_best,
        tolerance=4,
        label="wide beam",
    ),
    Case(
        "ctc_decode",
        (draw(2, 4, 3), _ints(4, 1), "beam_search", 40, 50),
        {"mask_index": 2},
        reference=_best,
        tolerance=4,
        label="all paths",
    ),
    Case(
        "ctc_decode",
        (draw(2, 6, 4), _ints(6, 5), "beam_search", 5, 3),
        verify=_has_best_first,
        label="narrow beam",
    ),
]
