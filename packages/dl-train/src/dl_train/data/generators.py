"""Batches from Python generators and other iterables."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from dl_train.data.adapter import Batch, PeekingAdapter
from dl_train.data.conversion import as_batch


class GeneratorData(PeekingAdapter):
    """Batches of a generator, which can be gone through once.

    Parameters
    ----------
    generator : iterator
        Yields ``x``, ``(x, y)`` or ``(x, y, sample_weight)``.
    """

    def __init__(self, generator: Iterator[Any]) -> None:
        super().__init__()
        self._generator = generator

    def batches(self) -> Iterator[Batch]:
        for data in self._generator:
            yield as_batch(data, f"the {type(self._generator).__name__}")

    def close(self) -> None:
        """Do nothing: a batch that was looked at is still to come, and does not come again."""


class IterableData(PeekingAdapter):
    """Batches of something that can be gone through again and again.

    Parameters
    ----------
    iterable : iterable
    """

    repeatable = True

    def __init__(self, iterable: Iterable[Any]) -> None:
        super().__init__()
        self._iterable = iterable
        self._measure()

    def _measure(self) -> None:
        self.num_batches, self.endless = _length(self._iterable)

    def batches(self) -> Iterator[Batch]:
        given = 0
        for data in self._iterable:
            yield self._converted(data)
            given += 1
        if self.num_batches not in (None, given):
            warnings.warn(
                f"the {type(self._iterable).__name__} said that it has {self.num_batches} batches, and gave {given}",
                stacklevel=2,
            )

    def _converted(self, data: Any) -> Batch:
        return as_batch(data, type(self._iterable).__name__)

    def on_epoch_end(self) -> None:
        """Look at the length, which may be another for the next epoch."""
        self._measure()


def _length(iterable: Any) -> tuple[int | None, bool]:
    """Number of batches if it is known, and whether it is known that there is no end."""
    try:
        length = len(iterable)
    except (TypeError, NotImplementedError, OverflowError):
        return None, False
    # what repeats for ever, such as Grain's data sets, can only say the greatest length there is
    return (None, True) if length >= sys.maxsize // 2 else (length, False)
