"""Epochs of a number of steps, whatever the data's own length."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from dl_ops import config
from dl_train.data.adapter import Batch, DataAdapter, Stacked
from dl_train.data.arrays import ArrayData


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
        If `steps` is not positive, or not given though the data have no end.
    """

    def __init__(self, data: DataAdapter, steps: int | None = None) -> None:
        if steps is not None and (isinstance(steps, bool) or int(steps) != steps or steps < 1):
            raise ValueError(f"the number of steps in an epoch must be a positive integer, got {steps!r}")
        if steps is None and data.endless and config.max_steps_per_epoch() is None:
            raise ValueError(
                "the data have no end: say how many batches make an epoch, with steps_per_epoch in fit(), steps in "
                "evaluate() and predict(), and validation_steps for validation_data"
            )
        self.data, self.steps = data, steps
        self._rest: Iterator[Batch] | None = None
        self._taken = 0
        self._has_begun = False
        # of the passes through the data that have begun: the epoch's step that had the first batch, before it if
        # negative, and the order
        self._passes: list[tuple[int, Any]] = []

    @property
    def num_batches(self) -> int | None:
        """Number of batches in an epoch, if it is known."""
        sizes = [
            size for size in (self.steps or self.data.num_batches, config.max_steps_per_epoch()) if size is not None
        ]
        return min(sizes, default=None)

    def epoch(self, first: int = 0) -> Iterator[Batch]:
        """Begin an epoch; its batches.

        Parameters
        ----------
        first : int, default 0
            Number of the batch to begin with, after `restore` has gone to it.
        """
        self._has_begun = True
        if self.steps is None:
            batches = self._begun(0) if self._rest is None else self._rest
            self._rest = None
        else:
            # passes go on from the epoch before
            self._passes = [(start + first - self._taken, order) for start, order in self._passes[-1:]]
            batches = self._some(first, self.steps)
        most = config.max_steps_per_epoch()
        return batches if most is None else itertools.islice(batches, max(0, most - first))

    def begin_anew(self) -> None:
        """Let the next epoch begin where the data begin, if they can be gone through again."""
        if self.steps is not None and self.data.repeatable:
            self._rest, self._passes = None, []

    def _begun(self, step: int) -> Iterator[Batch]:
        """A pass through the data."""
        if self.steps is None:
            self._passes.clear()
        batches = self.data.epoch()
        self._passes.append((step, self.data.order))
        return batches

    def state(self, step: int | None = None) -> dict[str, Any]:
        """Where it is in the data, for `restore`.

        Parameters
        ----------
        step : int, optional
            Number of the epoch's batches that have been used, which may be fewer than have been given; by default the
            epoch is over.

        Returns
        -------
        dict from str to any
            Of what JSON has.
        """
        state: dict[str, Any] = {"position": None, "order": None, "data": self.data.state()}
        used = self._taken if step is None else step
        passes = [one for one in self._passes if one[0] <= used]
        if passes and not (self.steps is None and step is None):
            start, state["order"] = passes[-1]
            state |= {"position": used - start, "num_batches": self.data.num_batches}
        return state

    def restore(self, state: Mapping[str, Any], step: int = 0) -> None:
        """Go to where another iterator over the same data was: `epoch` gives what its next batch would have been first.

        Parameters
        ----------
        state : mapping from str to any
            What `state` returned.
        step : int, default 0
            Number of the epoch's batches that had been used.

        Raises
        ------
        ValueError
            If the state is malformed, or none of data like these.
        """
        position = state.get("position")
        self.data.restore(state.get("data"))
        self._rest, self._taken, self._passes = None, step, []
        if position is None:
            return
        if isinstance(position, bool) or not isinstance(position, int) or position < 0:
            raise ValueError(f"the position in the data is {position!r}: expected an integer from 0 on")
        before, now = state.get("num_batches"), self.data.num_batches
        if before != now:
            raise ValueError(f"the data have {now} batches, and had {before} when they had been gone through in part")
        self._has_begun = True
        self._rest = self.data.epoch(position, state.get("order"))
        self._passes.append((step - position, state.get("order")))

    def _some(self, first: int, steps: int) -> Iterator[Batch]:
        for step in range(first, steps):
            self._taken = step
            batch = self._next()
            if batch is None:
                warnings.warn(
                    f"the data ran out after {step} of {steps} steps: they must last for steps_per_epoch * epochs",
                    stacklevel=4,
                )
                return
            self._taken = step + 1
            yield batch

    def _next(self) -> Any:
        if self._rest is not None:
            batch = next(self._rest, None)
            if batch is not None:
                return batch
            if not self.data.repeatable:
                return None
        self._rest = self._begun(self._taken)
        return next(self._rest, None)

    def batches(self, at_once: int, first: int = 0) -> Iterator[Stacked | list[Batch]]:
        """The batches of one epoch, from the first on, in lists of `at_once`; the last list may be shorter. Arrays give
        them stacked at once.
        """
        whole = self.steps is None and self._rest is None and config.max_steps_per_epoch() is None
        if whole and isinstance(self.data, ArrayData) and self.data.shuffle != "batch":
            self._has_begun = True
            groups = self.data.groups(at_once)
            self._passes = [(0, self.data.order)]
            return groups
        return self.grouped(at_once, first)

    def grouped(self, at_once: int, first: int = 0) -> Iterator[list[Batch]]:
        """`batches` that are not stacked."""
        group: list[Batch] = []
        for batch in self.epoch(first):
            group.append(batch)
            if len(group) == at_once:
                yield group
                group = []
        if group:
            yield group

    def ran_out(self, consequence: str) -> bool:
        """Whether no batch is left for another epoch, as after the first one of most generators; that is told.

        Parameters
        ----------
        consequence : str
            What happens then, for the warning.
        """
        if self.data.repeatable or not self._has_begun:
            return False
        if self._rest is None:
            over = self.data.peek() is None
        else:
            batch = next(self._rest, None)
            over = batch is None
            self._rest = self._rest if batch is None else itertools.chain((batch,), self._rest)
        if over:
            warnings.warn(
                f"the data ran out, and cannot be gone through again: {consequence}. A generator must last for all "
                f"epochs; a PyDataset or another iterable begins anew",
                stacklevel=4,
            )
        return over

    def close(self) -> None:
        """End what prepares batches ahead; no more are needed."""
        self._rest = None
        self.data.close()
