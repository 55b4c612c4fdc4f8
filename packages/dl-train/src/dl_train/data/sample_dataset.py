"""Samples in memory, as `split_dataset` gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dl_ops import tree


class SampleDataset:
    """Samples of arrays, one by one or in batches.

    A model takes it as it is, with ``fit(data, batch_size=32)``, or in batches, ``fit(data.batch(32))``.

    Parameters
    ----------
    arrays : structure of arrays
        A tuple is ``(x, y)`` or ``(x, y, sample_weight)``.

    Examples
    --------
    >>> import numpy as np
    >>> data = SampleDataset((np.arange(3), np.arange(3) ** 2))
    >>> len(data), data[2]
    (3, (np.int64(2), np.int64(4)))
    >>> [x.tolist() for x, _ in data.batch(2)]
    [[0, 1], [2]]
    """

    def __init__(self, arrays: Any) -> None:
        self.arrays = arrays
        self._length = int(tree.flatten(arrays)[0].shape[0])

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:
        """Sample at an index, or samples of a slice."""
        return tree.map_structure(lambda array: array[index], self.arrays)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def cardinality(self) -> int:
        """Number of samples, as ``tf.data.Dataset`` says it."""
        return len(self)

    def batch(self, batch_size: int, drop_remainder: bool = False) -> Batches:
        """Return the samples in batches.

        Parameters
        ----------
        batch_size : int
        drop_remainder : bool, default False
            Whether to leave out a last batch that is smaller.

        Returns
        -------
        iterable of batches
            Of the samples' structure.

        Raises
        ------
        ValueError
            If `batch_size` is not positive.
        """
        if isinstance(batch_size, bool) or int(batch_size) != batch_size or batch_size < 1:
            raise ValueError(f"batch(batch_size={batch_size!r}): expected a positive integer")
        return Batches(self, int(batch_size), drop_remainder)


class Batches:
    """Batches of a `SampleDataset`, which can be gone through again and again."""

    def __init__(self, data: SampleDataset, size: int, drop_remainder: bool) -> None:
        self._data, self._size = data, size
        self._number = len(data) // size if drop_remainder else -(-len(data) // size)

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[Any]:
        return (self._data[i * self._size : (i + 1) * self._size] for i in range(len(self)))
