"""The adapter for given data, found without importing any framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dl_train.data.adapter import DataAdapter
from dl_train.data.arrays import ArrayData
from dl_train.data.class_weights import ClassWeighted, ClassWeights
from dl_train.data.generators import GeneratorData, IterableData, TensorFlowData, TorchLoaderData
from dl_train.data.py_dataset import PyDataset, PyDatasetData


def _comes_from(x: Any, module: str, name: str) -> bool:
    return any(cls.__module__.startswith(module) and cls.__name__ == name for cls in type(x).__mro__)


def make_adapter(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    shuffle: bool | str = False,
    class_weight: Mapping[int, float] | None = None,
) -> DataAdapter:
    """Adapter for what a model is given.

    Parameters
    ----------
    x : structure of arrays, generator, PyDataset, DataLoader, tf.data.Dataset or iterable of batches
    y, sample_weight : structure of arrays, optional
        Only with arrays.
    batch_size : int, optional
        Only with arrays.
    shuffle : bool or "batch", default False
        Whether arrays and `PyDataset` are gone through in another order each time.
    class_weight : mapping from int to float, optional

    Returns
    -------
    DataAdapter

    Raises
    ------
    ValueError
        If an argument does not go with the kind of data, or the data are malformed.
    """
    if x is None:
        raise ValueError("x is None: there is no data")
    adapter = _stream(x, shuffle)
    if adapter is None:
        adapter = ArrayData(x, y, sample_weight, batch_size, shuffle)
    else:
        kind = type(x).__name__
        for argument, value in (("y", y), ("sample_weight", sample_weight)):
            if value is not None:
                raise ValueError(f"{argument} cannot be given with a {kind}, which gives (x, y, sample_weight) itself")
        if batch_size is not None:
            raise ValueError(f"batch_size={batch_size} cannot be given with a {kind}, which gives batches itself")
    if class_weight is not None:
        if sample_weight is not None:
            raise ValueError("class_weight and sample_weight cannot be given both: multiply them yourself")
        adapter = ClassWeighted(adapter, ClassWeights(class_weight))
    return adapter


def _stream(x: Any, shuffle: bool | str) -> DataAdapter | None:
    """Adapter for what gives batches itself, ``None`` for arrays."""
    if isinstance(x, PyDataset):
        return PyDatasetData(x, shuffle is True)
    if _comes_from(x, "torch.utils.data", "DataLoader"):
        return TorchLoaderData(x)
    if _comes_from(x, "tensorflow.python.data", "DatasetV2"):
        return TensorFlowData(x)
    if isinstance(x, Iterator):
        return GeneratorData(x)
    if not isinstance(x, (list, tuple, dict, str, bytes)) and not hasattr(x, "shape") and hasattr(x, "__iter__"):
        return IterableData(x)
    return None
