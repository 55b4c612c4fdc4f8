"""Epochs of a number of steps, whatever the data's own length."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

from dl_ops import config
from dl_train.data.adapter import Batch, DataAdapter


class EpochIterator:
    """Batches of one epoch after another.

    Parameters
    ----------
    data : DataAdapter
    steps : int, optional
        Number of batches that make an epoch: the next epoch goes on where this one ended, and data that run out start
        again if they can. By default an epoch goes once through the data.

    Raises
    ------
    ValueError
        If `steps` is not positive.
    """

    def __init__(self, data: DataAdapter, steps: int | None = None) -> None:
        if steps is not None and (isinstance(steps, bool) or int(steps) != steps or steps < 1):
            raise ValueError(f"the number of steps in an epoch must be a positive integer, got {steps!r}")
        self.data, self.steps = data, steps
        self._rest: Iterator[Batch] | None = None

    @property
    def num_batches(self) -> int | None:
        """Number of batches in an epoch, if it is known."""
        sizes = [
            size for size in (self.steps or self.data.num_batches, config.max_steps_per_epoch()) if size is not None
        ]
        return min(sizes, default=None)

    def epoch(self) -> Iterator[Batch]:
        """The batches of one epoch."""
        batches = self.data.epoch() if self.steps is None else self._some(self.steps)
        most = config.max_steps_per_epoch()
        return batches if most is None else itertools.islice(batches, most)

    def _some(self, steps: int) -> Iterator[Batch]:
        for step in range(steps):
            batch = self._next()
            if batch is None:
                warnings.warn(
                    f"the data ran out after {step} of {steps} steps: they must last for steps_per_epoch * epochs",
                    stacklevel=4,
                )
                return
            yield batch

    def _next(self) -> Any:
        if self._rest is not None:
            batch = next(self._rest, None)
            if batch is not None:
                return batch
            if not self.data.repeatable:
                return None
        self._rest = self.data.epoch()
        return next(self._rest, None)

    def batches(self, at_once: int) -> Iterator[list[Batch]]:
        """The batches of one epoch in lists of `at_once`; the last list may be shorter."""
        group: list[Batch] = []
        for batch in self.epoch():
            group.append(batch)
            if len(group) == at_once:
                yield group
                group = []
        if group:
            yield group
