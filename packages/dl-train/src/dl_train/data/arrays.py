"""Batches of data in memory: arrays, tensors of any backend, data frames, lists of numbers, in any structure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import numpy as np

from dl_ops import config, tree
from dl_ops.typing import Array
from dl_train.data.adapter import Batch, Stacked, draw_seed, permutation
from dl_train.data.conversion import as_arrays, check_content, check_lengths, has_floats

DEFAULT_BATCH_SIZE: Final = 32

_PICKED_AT_ONCE = 2**20
"""Bytes of shuffled samples."""


def _taker(array: Any) -> Callable[[Any], Any]:
    """Function from a slice or an array of indices to a batch, in a dtype to compute with."""
    take = _picker(array)
    floatx = config.floatx()
    if has_floats(array) and array.dtype != floatx:
        return lambda index: take(index).astype(floatx)
    return take


def _picker(array: Any) -> Callable[[Any], Any]:
    if hasattr(array, "toarray"):
        return lambda index: array[index].toarray()
    if isinstance(array, np.ndarray):
        return lambda index: array[index] if type(index) is slice else array.take(index, axis=0)

    def from_disk(index: Any) -> Any:
        if type(index) is slice:
            return np.asarray(array[index])
        order = np.argsort(index)  # HDF5 reads forwards only
        found = np.asarray(array[index[order]])
        picked = np.empty_like(found)
        picked[order] = found
        return picked

    return from_disk


class SampleData:
    """Batches of samples that are picked by their indices; a subclass does that, in `_batch`.

    Parameters
    ----------
    length : int
        Number of samples.
    batch_size : int, optional
        By default `DEFAULT_BATCH_SIZE`.
    shuffle : bool or "batch", default False
        Whether each epoch has another order: of the samples, or with ``"batch"`` of the batches. Orders are drawn from
        NumPy's global generator.

    Raises
    ------
    ValueError
        If there are no samples, or an argument is none of these.
    """

    repeatable = True
    endless = False
    passive = True

    def __init__(self, length: int, batch_size: int | None, shuffle: bool | str) -> None:
        if length == 0:
            raise ValueError("there is no data: the arrays have no samples")
        if batch_size is not None and not _is_size(batch_size):
            raise ValueError(f"batch_size={batch_size!r}: expected a positive integer")
        if not isinstance(shuffle, (bool, np.bool)) and shuffle != "batch":
            raise ValueError(f'shuffle={shuffle!r}: expected True, False or "batch"')
        self.length, self.batch_size = length, int(batch_size or DEFAULT_BATCH_SIZE)
        self.shuffle = shuffle if isinstance(shuffle, str) else bool(shuffle)
        self.num_batches = -(-length // self.batch_size)
        self.order: int | None = None

    def _batch(self, index: Any) -> Batch:
        """Batch of a slice or an array of indices."""
        raise NotImplementedError

    def peek(self) -> Batch:
        """The first samples."""
        return self._batch(slice(0, min(self.batch_size, self.length)))

    def epoch(self, skip: int = 0, order: int | None = None) -> Iterator[Batch]:
        """Begin an epoch; its batches but for the first `skip`, slices that are views where the arrays' order stays."""
        size = self.batch_size
        if not self.shuffle:
            return self._slices(range(skip * size, self.length, size))
        self.order = draw_seed() if order is None else order
        if self.shuffle == "batch":
            return self._slices(permutation(self.num_batches, self.order)[skip:] * size)
        return self._picked(permutation(self.length, self.order)[skip * size :])

    def _slices(self, starts: Iterable[int]) -> Iterator[Batch]:
        for start in starts:
            yield self._batch(slice(start, start + self.batch_size))

    def _picked(self, order: Array) -> Iterator[Batch]:
        for start in range(0, len(order), self.batch_size):
            yield self._batch(order[start : start + self.batch_size])

    def state(self) -> None:
        """Nothing."""

    def restore(self, state: Any) -> None:
        """Do nothing."""

    def on_epoch_begin(self) -> None:
        """Do nothing."""

    def on_epoch_end(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def _is_size(value: Any) -> bool:
    try:
        return not isinstance(value, (bool, str)) and int(value) == value and value > 0
    except (TypeError, ValueError, OverflowError):
        return False


class ArrayData(SampleData):
    """Batches of arrays.

    Parameters
    ----------
    x, y, sample_weight : structure of arrays
        One array of weights is for each of several targets.
    batch_size, shuffle
        See `SampleData`.

    Raises
    ------
    ValueError
        If the arrays have different numbers of samples, or none.
    TypeError
        If they hold neither numbers nor text.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int | None = None,
        shuffle: bool | str = False,
    ) -> None:
        given = {"x": x, "y": y, "sample_weight": sample_weight}
        parts = {name: as_arrays(part, name) for name, part in given.items()}
        length = check_lengths(parts)
        check_content(parts)
        super().__init__(length, batch_size, shuffle)
        kept = [parts["x"]]
        if y is not None or sample_weight is not None:
            kept.append(parts["y"])
        if sample_weight is not None:
            weights = parts["sample_weight"]
            if tree.is_nested(parts["y"]) and not tree.is_nested(weights):
                weights = tree.map_structure(lambda target: None if target is None else weights, parts["y"])
            kept.append(weights)
        self._structure = tuple(kept)
        self._takers = [None if leaf is None else _taker(leaf) for leaf in tree.flatten(self._structure)]
        # picking samples costs more than cutting, so small batches are picked many at once; what is sparse or on disk,
        # of no known size, one by one
        leaves = [leaf for leaf in tree.flatten(self._structure) if leaf is not None]
        size = sum(leaf.nbytes if isinstance(leaf, np.ndarray) else math.inf for leaf in leaves)
        self._at_once = max(1, int(_PICKED_AT_ONCE * self.num_batches / max(1, size)))
        self._flat = not any(tree.is_nested(part) for part in kept) and None not in self._takers

    def _batch(self, index: Any) -> Batch:
        return self._packed([None if take is None else take(index) for take in self._takers])

    def _packed(self, leaves: list[Any]) -> Batch:
        if self._flat:
            return tuple(leaves)
        return tree.pack_sequence_as(self._structure, leaves)  # type: ignore[no-any-return]  # a tuple like the structure

    def groups(self, at_once: int) -> Iterator[Stacked | list[Batch]]:
        """Begin an epoch; its batches, `at_once` of them stacked without being cut first, and those left at the end.

        Parameters
        ----------
        at_once : int
        """
        if not self.shuffle:
            return self._groups(at_once, None)
        self.order = draw_seed()
        return self._groups(at_once, permutation(self.length, self.order))

    def _groups(self, at_once: int, picked: Any) -> Iterator[Stacked | list[Batch]]:
        rows = self.batch_size * at_once
        for first in range(0, self.length, rows):
            last = min(first + rows, self.length)
            index = slice(first, last) if picked is None else picked[first:last]
            leaves = [None if take is None else take(index) for take in self._takers]
            if last - first == rows:
                shape = (at_once, self.batch_size)
                stacked = [None if x is None else x.reshape(*shape, *x.shape[1:]) for x in leaves]
                yield Stacked(at_once, self._packed(stacked))
            else:
                yield list(self._cut(leaves, last - first))

    def _cut(self, leaves: list[Any], length: int) -> Iterator[Batch]:
        size = self.batch_size
        for start in range(0, length, size):
            yield self._packed([None if x is None else x[start : start + size] for x in leaves])

    def _picked(self, order: Array) -> Iterator[Batch]:
        size = self.batch_size
        for first in range(0, len(order), size * self._at_once):
            index = order[first : first + size * self._at_once]
            leaves = [None if take is None else take(index) for take in self._takers]
            yield from self._cut(leaves, len(index))
