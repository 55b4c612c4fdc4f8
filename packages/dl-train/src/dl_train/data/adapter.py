"""What the training loop asks of data."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Protocol

import numpy as np

from dl_ops import tree
from dl_ops.backend import current_backend

Batch = tuple[Any, ...]
"""``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``, each a structure of arrays or tensors."""


class DataAdapter(Protocol):
    """Source of batches, epoch after epoch."""

    @property
    def num_batches(self) -> int | None:
        """Number of batches in an epoch, if it is known."""

    @property
    def batch_size(self) -> int | None:
        """Number of samples in a batch, if it is known; the last one may have fewer."""

    @property
    def repeatable(self) -> bool:
        """Whether `epoch` can be called again after its batches ran out."""

    @property
    def passive(self) -> bool:
        """Whether no code of the user's makes the batches, which might look at the model that they are for."""

    def peek(self) -> Batch | None:
        """The first batch, without using it up; ``None`` if there is none."""

    def epoch(self) -> Iterator[Batch]:
        """The batches of one epoch."""

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


class PeekingAdapter:
    """Base of adapters over iterators: the batch that was looked at comes first in the next epoch."""

    num_batches: int | None = None
    batch_size: int | None = None
    repeatable: bool = False
    passive: bool = False

    def __init__(self) -> None:
        self._peeked: tuple[Batch, Iterator[Batch]] | None = None

    def batches(self) -> Iterator[Batch]:
        """The batches of one epoch, from the beginning."""
        raise NotImplementedError

    def peek(self) -> Batch | None:
        """The first batch, without using it up."""
        if self._peeked is None:
            iterator = self.batches()
            first = next(iterator, None)
            if first is None:
                return None
            self._peeked = (first, iterator)
        return self._peeked[0]

    def epoch(self) -> Iterator[Batch]:
        """The batches of one epoch."""
        if self._peeked is None:
            batches = self.batches()
        else:
            (first, rest), self._peeked = self._peeked, None
            batches = chain((first,), rest)
        # whoever makes the batches may fill the same arrays again for the next one
        yield from map(_copied, batches) if current_backend().reads_arguments_late else batches

    def on_epoch_begin(self) -> None:
        """Do nothing."""

    def on_epoch_end(self) -> None:
        """Do nothing."""


def _copied(batch: Batch) -> Batch:
    copy: Batch = tree.map_structure(lambda x: x.copy() if isinstance(x, np.ndarray) else x, batch)
    return copy
