"""Batches from Python generators and other iterables, PyTorch's loaders and TensorFlow's data sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from dl_ops import tree
from dl_train.data.adapter import Batch, PeekingAdapter
from dl_train.data.arrays import as_arrays, as_batch, floats_as_default


def _size(batch: Any) -> int | None:
    for leaf in tree.flatten(batch):
        shape = getattr(leaf, "shape", None)
        if shape:
            return int(shape[0])
    return None


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
            yield tree.map_structure(floats_as_default, as_arrays(as_batch(data)))


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
        try:
            self.num_batches = len(iterable)  # type: ignore[arg-type]  # tried
        except TypeError:
            self.num_batches = None

    def batches(self) -> Iterator[Batch]:
        for data in self._iterable:
            yield self._converted(as_batch(data))

    def _converted(self, batch: Batch) -> Batch:
        return tree.map_structure(floats_as_default, as_arrays(batch))  # type: ignore[no-any-return]  # a tuple again


class TorchLoaderData(IterableData):
    """Batches of a ``torch.utils.data.DataLoader``."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self.batch_size = getattr(loader, "batch_size", None)


class TensorFlowData(IterableData):
    """Batches of a ``tf.data.Dataset``."""

    def __init__(self, dataset: Any) -> None:
        super().__init__(dataset)
        cardinality = int(dataset.cardinality())
        # negative: infinite, or unknown
        self.num_batches = cardinality if cardinality >= 0 else None

    def _converted(self, batch: Batch) -> Batch:
        return tree.map_structure(_from_tensorflow, batch)  # type: ignore[no-any-return]  # a tuple again


def _from_tensorflow(x: Any) -> Any:
    if hasattr(x, "to_tensor"):
        x = x.to_tensor()  # ragged
    return floats_as_default(x.numpy()) if hasattr(x, "numpy") else np.asarray(x)
