"""Batches of data in memory: arrays, tensors of any backend, data frames, lists of numbers, in any structure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from dl_ops import config, tree
from dl_ops.interchange import backend_of, convert_to_numpy
from dl_ops.typing import Array
from dl_train.data.adapter import Batch, draw_seed, permutation
from dl_train.data.packing import unpack_x_y_sample_weight

_PICKED_AT_ONCE = 2**20
"""Bytes of shuffled samples."""

_NUMBERS = (bool, int, float, str, bytes, np.generic)


def as_arrays(structure: Any) -> Any:
    """Structure of NumPy arrays, or of what else can be sliced, for one of arrays, tensors, data frames and lists of
    numbers.

    Raises
    ------
    ValueError, TypeError
        If a leaf is none of these.
    """
    if isinstance(structure, dict):
        return {key: as_arrays(value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        leaves = tree.flatten(structure)
        if leaves and all(isinstance(leaf, _NUMBERS) for leaf in leaves):
            return _array(np.asarray(structure))
        items = [as_arrays(item) for item in structure]
        if isinstance(structure, list):
            return items
        return type(structure)(*items) if hasattr(structure, "_fields") else tuple(items)
    return None if structure is None else _array(structure)


def _array(x: Any) -> Any:
    kind = type(x)
    if kind.__module__.partition(".")[0] == "pandas":
        # a column is one feature of each sample
        x = x.to_numpy()
        x = x[:, None] if x.ndim == 1 else x
        return x.astype(config.floatx()) if x.dtype == object else x
    if hasattr(x, "toarray"):
        return x  # a sparse matrix: dense batch by batch
    if not isinstance(x, np.ndarray):
        if backend_of(x) is None and not hasattr(x, "__array__") and not isinstance(x, _NUMBERS):
            raise TypeError(f"expected arrays, got {kind.__module__}.{kind.__qualname__}")
        x = convert_to_numpy(x)
    if x.ndim == 0:
        raise ValueError(f"expected arrays with a sample along the first axis, got the single value {x!r}")
    return x


def _taker(array: Any) -> Callable[[Any], Any]:
    """Function from a slice or an array of indices to a batch, in a dtype to compute with."""
    if hasattr(array, "toarray"):
        rows = array.tocsr()
        return lambda index: rows[index].toarray()
    floatx = config.floatx()
    if array.dtype.kind == "f" and array.dtype != floatx and array.dtype == np.float64:
        return lambda index: array[index].astype(floatx)
    return lambda index: array[index] if type(index) is slice else array.take(index, axis=0)


def check_lengths(named: dict[str, Any]) -> int:
    """Number of samples of arrays in structures.

    Parameters
    ----------
    named : dict from str to structure of arrays
        What to call them in errors.

    Raises
    ------
    ValueError
        If numbers differ, or there is no array.
    """
    lengths = {name: int(array.shape[0]) for name, array in _named_arrays(named)}
    if not lengths:
        raise ValueError("there is no data: x has no arrays")
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"all arrays must have the same number of samples: {listed}")
    return next(iter(lengths.values()))


def _named_arrays(named: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for path, leaf in tree.flatten_with_path(named):
        if leaf is not None:
            yield "".join([str(path[0]), *(f"[{key!r}]" for key in path[1:])]), leaf


def _check_content(named: dict[str, Any]) -> None:
    for name, array in _named_arrays(named):
        if array.dtype == object and not all(isinstance(item, (str, bytes)) for item in array.flat):
            raise TypeError(f"{name} is an array of Python objects (dtype object): expected numbers or text")


class ArrayData:
    """Batches of arrays.

    Parameters
    ----------
    x, y, sample_weight : structure of arrays
    batch_size : int, optional
        By default 32.
    shuffle : bool or "batch", default False
        Whether each epoch has another order: of the samples, or with ``"batch"`` of the batches. Orders are drawn from
        NumPy's global generator.

    Raises
    ------
    ValueError
        If the arrays have different numbers of samples, or none.
    TypeError
        If they hold neither numbers nor text.
    """

    repeatable = True
    passive = True

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int | None = None,
        shuffle: bool | str = False,
    ) -> None:
        parts = {"x": as_arrays(x), "y": as_arrays(y), "sample_weight": as_arrays(sample_weight)}
        length = check_lengths(parts)
        _check_content(parts)
        if length == 0:
            raise ValueError("there is no data: the arrays have no samples")
        if batch_size is not None and (isinstance(batch_size, bool) or int(batch_size) != batch_size or batch_size < 1):
            raise ValueError(f"batch_size={batch_size!r}: expected a positive integer")
        if shuffle not in (True, False, "batch"):
            raise ValueError(f'shuffle={shuffle!r}: expected True, False or "batch"')
        self.length, self.batch_size, self.shuffle = length, int(batch_size or 32), shuffle
        self.num_batches = -(-length // self.batch_size)
        kept = [parts["x"]]
        if y is not None or sample_weight is not None:
            kept.append(parts["y"])
        if sample_weight is not None:
            kept.append(parts["sample_weight"])
        self._structure = tuple(kept)
        self._takers = [None if leaf is None else _taker(leaf) for leaf in tree.flatten(self._structure)]
        # picking samples costs more than cutting, so small batches are picked many at once; sparse ones, of no known
        # size, one by one
        sizes = [getattr(leaf, "nbytes", math.inf) for leaf in tree.flatten(self._structure) if leaf is not None]
        self._at_once = max(1, int(_PICKED_AT_ONCE * self.num_batches / max(1, sum(sizes))))
        self.order: int | None = None
        self._flat = not any(tree.is_nested(part) for part in kept) and None not in self._takers

    def _batch(self, index: Any) -> Batch:
        return self._packed([None if take is None else take(index) for take in self._takers])

    def _packed(self, leaves: list[Any]) -> Batch:
        if self._flat:
            return tuple(leaves)
        return tree.pack_sequence_as(self._structure, leaves)  # type: ignore[no-any-return]  # a tuple like the structure

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
        size = self.batch_size
        for first in range(0, len(order), size * self._at_once):
            index = order[first : first + size * self._at_once]
            leaves = [None if take is None else take(index) for take in self._takers]
            for start in range(0, len(index), size):
                yield self._packed([None if x is None else x[start : start + size] for x in leaves])

    def state(self) -> None:
        """Nothing."""

    def restore(self, state: Any) -> None:
        """Do nothing."""

    def on_epoch_begin(self) -> None:
        """Do nothing."""

    def on_epoch_end(self) -> None:
        """Do nothing."""


def as_batch(data: Any) -> Batch:
    """Batch that an iterator gave: a tuple of up to three, of arrays or tensors as they are."""
    x, y, sample_weight = unpack_x_y_sample_weight(data)
    if sample_weight is not None:
        return (x, y, sample_weight)
    return (x,) if y is None else (x, y)


def floats_as_default(x: Any) -> Any:
    """Array as `x`, float64 cast to the default float: what does not come in slices of a known dtype."""
    if isinstance(x, np.ndarray) and x.dtype == np.float64 and config.floatx() != "float64":
        return x.astype(config.floatx())
    return x


__all__ = ["Array", "ArrayData", "as_arrays", "as_batch", "check_lengths", "floats_as_default"]
