"""Weights of classes, turned into weights of samples."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dl_ops import tree
from dl_ops.interchange import convert_to_numpy
from dl_ops.typing import Array
from dl_train.data.adapter import Batch, DataAdapter
from dl_train.data.packing import unpack_x_y_sample_weight


class ClassWeights:
    """Weight of each class.

    Parameters
    ----------
    class_weight : mapping from int to float
        A class that is not named has weight 1.

    Raises
    ------
    ValueError
        If a weight is negative or no number, or a class no integer.
    """

    def __init__(self, class_weight: Any) -> None:
        if not isinstance(class_weight, Mapping) or not class_weight:
            raise ValueError(f"class_weight={class_weight!r}: expected a dictionary from class numbers to weights")
        for number, weight in class_weight.items():
            if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 0:
                raise ValueError(f"class_weight has the key {number!r}: expected the number of a class, from 0 on")
            if not isinstance(weight, (int, float, np.number)) or not math.isfinite(weight) or weight < 0:
                raise ValueError(f"class_weight[{number}]={weight!r}: expected a finite number that is not negative")
        self._weights = np.ones(max(class_weight) + 1, "float32")
        for number, weight in class_weight.items():
            self._weights[number] = weight

    def of(self, y: Any) -> Array:
        """Weights of samples with targets `y`: class numbers, one-hot vectors, or one probability each."""
        if isinstance(y, (dict, list, tuple)):
            targets = [target for target in tree.flatten(y) if target is not None]
            if len(targets) != 1:
                raise ValueError("class_weight works for models with one output only; give sample_weight instead")
            y = targets[0]
        if y is None:
            raise ValueError("class_weight needs targets y")
        classes = convert_to_numpy(y)
        if classes.ndim > 1:
            classes = np.argmax(classes, axis=-1) if classes.shape[-1] > 1 else classes[..., 0]
        classes = np.round(classes).astype(np.int64)
        known = (classes >= 0) & (classes < len(self._weights))
        return np.where(known, self._weights[np.where(known, classes, 0)], np.float32(1.0))


class ClassWeighted:
    """Adapter that gives another one's batches with the weights of their samples' classes."""

    def __init__(self, data: DataAdapter, weights: ClassWeights) -> None:
        self._data, self._weights = data, weights
        self.batch_size, self.repeatable = data.batch_size, data.repeatable
        self.passive, self.endless, self.close = data.passive, data.endless, data.close
        self.on_epoch_begin, self.on_epoch_end = data.on_epoch_begin, data.on_epoch_end
        self.state, self.restore = data.state, data.restore

    @property
    def num_batches(self) -> int | None:
        """The other one's, which may change."""
        return self._data.num_batches

    @property
    def order(self) -> Any:
        """The other one's."""
        return self._data.order

    def _weighted(self, batch: Batch) -> Batch:
        x, y, sample_weight = unpack_x_y_sample_weight(batch)
        if sample_weight is not None:
            raise ValueError("class_weight and sample_weight cannot be given both: multiply them yourself")
        return (x, y, self._weights.of(y))

    def peek(self) -> Batch | None:
        """The first batch."""
        batch = self._data.peek()
        return None if batch is None else self._weighted(batch)

    def epoch(self, skip: int = 0, order: Any = None) -> Iterator[Batch]:
        """Begin an epoch; its batches but for the first `skip`."""
        return map(self._weighted, self._data.epoch(skip, order))
