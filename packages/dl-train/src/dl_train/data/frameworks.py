"""Batches of the data sets and loaders of PyTorch, TensorFlow, Grain and Hugging Face.

None of the libraries is imported here: objects of theirs are asked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dl_ops import tree
from dl_train.data.adapter import Batch
from dl_train.data.arrays import SampleData
from dl_train.data.conversion import as_arrays, as_batch
from dl_train.data.generators import IterableData


class TorchLoaderData(IterableData):
    """Batches of a ``torch.utils.data.DataLoader``.

    Parameters
    ----------
    loader : DataLoader
    """

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self.batch_size = getattr(loader, "batch_size", None)

    def draw_order(self) -> int:
        """Seed of the epoch, from PyTorch's generator: its samplers draw from that one and not from NumPy's."""
        torch = sys.modules["torch"]
        return int(torch.empty((), dtype=torch.int64).random_(2**31, generator=self._generator))

    def batches_from(self, skip: int, order: Any) -> Iterator[Batch]:
        generator = self._generator or sys.modules["torch"].default_generator
        generator.manual_seed(order)
        batches = self.batches()
        for _ in range(skip):
            next(batches, None)
        return batches

    @property
    def _generator(self) -> Any:
        return getattr(self._iterable, "generator", None)


class TensorFlowData(IterableData):
    """Batches of a ``tf.data.Dataset``.

    Parameters
    ----------
    dataset : tf.data.Dataset
        Of batches; ragged and sparse tensors become dense.
    """

    fresh = True

    def _measure(self) -> None:
        cardinality = int(self._iterable.cardinality())  # type: ignore[attr-defined]  # a tf.data.Dataset has it
        self.num_batches, self.endless = (cardinality if cardinality >= 0 else None), cardinality == -1

    def _converted(self, data: Any) -> Batch:
        return as_batch(tree.map_structure(_from_tensorflow, data), "tf.data.Dataset")


def _from_tensorflow(x: Any) -> Any:
    if hasattr(x, "to_tensor"):
        x = x.to_tensor()  # ragged
    if hasattr(x, "dense_shape"):
        x = sys.modules["tensorflow"].sparse.to_dense(x)
    return x.numpy() if hasattr(x, "numpy") else x


class GrainData(IterableData):
    """Batches of Grain's data sets and loaders, which say where they are.

    Parameters
    ----------
    dataset : grain.MapDataset, grain.IterDataset or grain.DataLoader
        Of batches.
    """

    def draw_order(self) -> None:
        """Nothing: the data set has its own seeds."""


class _Columns:
    """Batches from dictionaries of columns.

    Parameters
    ----------
    y : str or list of str, optional
        Names of the columns that are targets. The others are inputs, by their names; an only one is the input.
    """

    def __init__(self, y: Any) -> None:
        self._given = y
        self._targets: list[str] = [] if y is None else [y] if isinstance(y, str) else list(y)

    def check(self, names: Sequence[str]) -> None:
        """Check that there are targets and inputs among the columns.

        Raises
        ------
        ValueError
            If not.
        """
        for name in self._targets:
            if name not in names:
                raise ValueError(f"y={self._given!r}: the data set has no column {name!r}, but {', '.join(names)}")
        if len(names) == len(self._targets):
            raise ValueError(f"y={self._given!r}: the data set has no other columns, for the inputs")

    def batch(self, rows: Mapping[str, Any]) -> Batch:
        inputs = self._pick(rows, [name for name in rows if name not in self._targets])
        if not self._targets:
            return as_batch((inputs,), "the data set")
        targets = [self._given] if isinstance(self._given, str) else self._targets
        return as_batch((inputs, self._pick(rows, targets)), "the data set")

    def _pick(self, rows: Mapping[str, Any], names: list[str]) -> Any:
        arrays = {name: _column(rows[name], name) for name in names}
        return arrays if len(names) > 1 else arrays[names[0]]


def _column(values: Any, name: str) -> Any:
    array = as_arrays(values, f"column {name!r}")
    if isinstance(array, list):
        # of arrays, one for each sample
        if len({item.shape for item in array}) > 1:
            raise ValueError(f"column {name!r}: samples have different shapes; pad them, with map()")
        return np.stack(array)
    return array


class HuggingFaceData(SampleData):
    """Batches of a ``datasets.Dataset``.

    Parameters
    ----------
    dataset : datasets.Dataset
        Its columns are the inputs by their names; an only one is the input.
    y : str or list of str, optional
        Names of columns that are targets.
    batch_size, shuffle
        See `SampleData`.

    Raises
    ------
    ValueError
        If there is no such column, or no other.
    """

    # transforms may be the user's
    passive = False

    def __init__(self, dataset: Any, y: Any, batch_size: int | None, shuffle: bool | str) -> None:
        self._columns = _Columns(y)
        self._columns.check(dataset.column_names)
        super().__init__(len(dataset), batch_size, shuffle)
        # a transform or a format that the user chose stays
        self._dataset = dataset.with_format("numpy") if dataset.format["type"] is None else dataset

    def _batch(self, index: Any) -> Batch:
        return self._columns.batch(self._dataset[index if isinstance(index, slice) else index.tolist()])


class HuggingFaceStream(IterableData):
    """Batches of a ``datasets.IterableDataset``, which comes from wherever it is read.

    Parameters
    ----------
    dataset, y, batch_size
        See `HuggingFaceData`.
    """

    def __init__(self, dataset: Any, y: Any, batch_size: int | None) -> None:
        super().__init__(dataset)
        self.num_batches, self.batch_size, self._columns = None, batch_size or 32, _Columns(y)

    def _measure(self) -> None:
        pass  # nobody knows before the end

    def batches(self) -> Iterator[Batch]:
        for rows in self._iterable.iter(batch_size=self.batch_size):  # type: ignore[attr-defined]  # its own way
            self._columns.check(list(rows))
            yield self._columns.batch(rows)
