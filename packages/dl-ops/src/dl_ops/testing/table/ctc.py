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
    return output - np.log(np.sum(np.exp(output), -1, keepdims=True))


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
        probability = _label_sequences(logits[:steps], mask_index).get(tuple(labels[:count].tolist()), 0.0)
        losses.append(-np.log(probability) if probability else np.inf)
    return np.array(losses)


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
]
