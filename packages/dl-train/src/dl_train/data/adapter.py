"""What the training loop asks of data.

A training that was killed goes on with the batches that would have come next. So a source says two things of itself,
each in terms of what JSON has, since they are written to a file:

- `DataAdapter.order`: what this epoch's order was drawn from. A source that shuffles draws *one* thing when an epoch
  begins, such as an integer from NumPy's global generator, and its order from that alone. Given to
  `DataAdapter.epoch`, in another process too, it gives the same batches in the same order again.
- `DataAdapter.state`: what the source carries from epoch to epoch beside that; for most, nothing.

The position in the epoch is not the source's to know: the loop counts the batches that it has used, whatever has been
prepared ahead, and asks for an epoch without those.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from dl_ops import tree
from dl_ops.backend import current_backend
from dl_ops.random import host_random_state, set_host_random_state
from dl_ops.typing import Array

Batch = tuple[Any, ...]
"""``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``, each a structure of arrays or tensors."""


class Stacked(NamedTuple):
    """Batches of one shape along a new leading axis."""

    steps: int
    batch: Batch


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
    def endless(self) -> bool:
        """Whether it is known that batches never run out."""

    @property
    def passive(self) -> bool:
        """Whether no code of the user's makes the batches, which might look at the model that they are for."""

    def peek(self) -> Batch | None:
        """The first batch, without using it up; ``None`` if there is none."""

    @property
    def order(self) -> Any:
        """What the order of the epoch begun last was drawn from, as JSON has it; ``None`` if there is nothing."""

    def epoch(self, skip: int = 0, order: Any = None) -> Iterator[Batch]:
        """Begin an epoch; its batches.

        Everything that this draws from random number generators to set the order, and everything that it skips, is
        drawn and skipped before it returns, not when the first batch is asked for.

        Parameters
        ----------
        skip : int, default 0
            Number of batches to leave out at the beginning: without making them, where they need not be made.
        order : any, optional
            What `order` was in an epoch which this one is to repeat; by default the epoch has an order of its own.

        Raises
        ------
        ValueError
            If `order` is none of this source.
        """

    def state(self) -> Any:
        """What the source carries from epoch to epoch beside `order`, as JSON has it; ``None`` if there is nothing.

        It is asked for after `on_epoch_end`, or between two batches.
        """

    def restore(self, state: Any) -> None:
        """Take up what `state` said in another process, before `epoch` is called."""

    def on_epoch_begin(self) -> None:
        """Called before each epoch; also before one is gone on with."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""

    def close(self) -> None:
        """Called when no more batches are needed: end what prepares them."""


def draw_seed() -> int:
    """Seed of an epoch's order, from NumPy's global generator, which ``set_random_seed`` makes repeatable."""
    return int(np.random.randint(2**32, dtype=np.uint64))


def permutation(size: int, seed: Any) -> Array:
    """Order of `size` things that a seed of `draw_seed` gives.

    Raises
    ------
    ValueError
        If the seed is none.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ValueError(f"order={seed!r}: expected the seed that an epoch was shuffled with, from 0 to 2**32 - 1")
    return np.random.default_rng(seed).permutation(size)


class PeekingAdapter:
    """Base of adapters over iterators: the batch that was looked at comes first in the next epoch.

    A subclass has `batches` at least, and says with `fresh` if each batch has arrays of its own, which nobody fills
    again. An epoch is repeated by going through it, with the random number generators of
    the host where they stood when it began; a subclass that can do better overrides `draw_order` and `batches_from`.
    """

    num_batches: int | None = None
    batch_size: int | None = None
    repeatable: bool = False
    endless: bool = False
    passive: bool = False
    fresh: bool = False

    def __init__(self) -> None:
        self.order: Any = None
        self._peeked: tuple[Batch, Iterator[Batch]] | None = None

    def batches(self) -> Iterator[Batch]:
        """The batches of one epoch, from the beginning."""
        raise NotImplementedError

    def draw_order(self) -> Any:
        """What the order of the next epoch is to be drawn from: here, by all that it may draw."""
        # a source that cannot begin anew cannot be given other numbers to draw either
        return host_random_state() if self.repeatable else None

    def batches_from(self, skip: int, order: Any) -> Iterator[Batch]:
        """The batches of the epoch of an order, but for the first `skip`, which have been skipped when this returns."""
        if self.repeatable and order is not None:
            set_host_random_state(order)
        batches = self.batches()
        deque(itertools.islice(batches, skip), maxlen=0)
        return batches

    def peek(self) -> Batch | None:
        """The first batch, without using it up."""
        if self._peeked is None:
            self.order = self.draw_order()
            iterator = self.batches_from(0, self.order)
            first = next(iterator, None)
            if first is None:
                return None
            self._peeked = (first, iterator)
        return self._peeked[0]

    def epoch(self, skip: int = 0, order: Any = None) -> Iterator[Batch]:
        """Begin an epoch; its batches but for the first `skip`."""
        peeked, self._peeked = self._peeked, None
        if peeked is not None and (order is None or not self.repeatable):
            batches: Iterator[Batch] = itertools.chain((peeked[0],), peeked[1])
            deque(itertools.islice(batches, skip), maxlen=0)
        else:
            self.order = self.draw_order() if order is None else order
            batches = self.batches_from(skip, self.order)
        # whoever makes the batches may fill the same arrays again for the next one
        return map(_copied, batches) if current_backend().reads_arguments_late and not self.fresh else batches

    def state(self) -> Any:
        """Nothing."""
        return None

    def restore(self, state: Any) -> None:
        """Forget what was looked at, if it comes again."""
        if self.repeatable:
            self._peeked = None

    def on_epoch_begin(self) -> None:
        """Do nothing."""

    def on_epoch_end(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Forget what was looked at."""
        self._peeked = None


def _copied(batch: Batch) -> Batch:
    copy: Batch = tree.map_structure(lambda x: x.copy() if isinstance(x, np.ndarray) else x, batch)
    return copy
