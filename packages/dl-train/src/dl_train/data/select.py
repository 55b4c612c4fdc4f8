"""The adapter for given data, found without importing any framework."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dl_train.data.adapter import DataAdapter
from dl_train.data.arrays import ArrayData
from dl_train.data.class_weights import ClassWeighted, ClassWeights
from dl_train.data.frameworks import (
    GrainData,
    HuggingFaceData,
    HuggingFaceStream,
    TensorFlowData,
    TorchLoaderData,
)
from dl_train.data.generators import GeneratorData, IterableData
from dl_train.data.packing import unpack_x_y_sample_weight
from dl_train.data.py_dataset import PyDataset, PyDatasetData
from dl_train.data.sample_dataset import SampleDataset


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
    x : structure of arrays, or source of batches
        Arrays as `as_arrays` takes them; or a generator, a `PyDataset`, PyTorch's ``DataLoader``,
        ``tf.data.Dataset``, Grain's data sets, or another iterable of batches; or Hugging Face's data sets, of samples.
    y, sample_weight : structure of arrays, optional
        Only with arrays; with Hugging Face's data sets `y` has names of columns.
    batch_size : int, optional
        A source of batches has its own.
    shuffle : bool or "batch", default False
        Whether arrays, batches of a `PyDataset` and samples of a Hugging Face ``Dataset`` come in another order each
        time. Others shuffle by themselves.
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
    adapter: DataAdapter
    if isinstance(x, (np.ndarray, list, tuple, dict)):
        # most data, and batches of the user's own loop: without a look at its origin
        adapter = ArrayData(x, y, sample_weight, batch_size, shuffle)
    elif _comes_from(x, "datasets.", "Dataset") or _comes_from(x, "datasets.", "IterableDataset"):
        adapter = _hugging_face(x, y, sample_weight, batch_size, shuffle)
    elif isinstance(x, SampleDataset):
        _refuse(x, y=y, sample_weight=sample_weight)
        adapter = ArrayData(*unpack_x_y_sample_weight(x.arrays), batch_size, shuffle)
    else:
        stream = _stream(x, shuffle)
        if stream is None:
            adapter = ArrayData(x, y, sample_weight, batch_size, shuffle)
        else:
            _refuse(x, y=y, sample_weight=sample_weight)
            if batch_size is not None:
                warnings.warn(
                    f"batch_size={batch_size} changes nothing: a {type(x).__name__} gives batches itself", stacklevel=4
                )
            adapter = stream
    if class_weight is not None:
        if sample_weight is not None:
            raise ValueError("class_weight and sample_weight cannot be given both: multiply them yourself")
        adapter = ClassWeighted(adapter, ClassWeights(class_weight))
    return adapter


def _refuse(x: Any, **arguments: Any) -> None:
    for argument, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"{argument} cannot be given with a {type(x).__name__}, which gives (x, y, sample_weight) itself"
            )


def _hugging_face(x: Any, y: Any, sample_weight: Any, batch_size: int | None, shuffle: bool | str) -> DataAdapter:
    if sample_weight is not None:
        raise ValueError(f"sample_weight cannot be given with a {type(x).__name__}")
    if y is not None and not isinstance(y, str) and not (isinstance(y, list) and all(isinstance(i, str) for i in y)):
        raise ValueError(f"y={y!r}: expected the name of a column of the data set, or a list of names")
    if _comes_from(x, "datasets.", "IterableDataset"):
        return HuggingFaceStream(x, y, batch_size)
    return HuggingFaceData(x, y, batch_size, shuffle)


def _stream(x: Any, shuffle: bool | str) -> DataAdapter | None:
    """Adapter for what gives batches itself, ``None`` for arrays."""
    if isinstance(x, PyDataset):
        return PyDatasetData(x, bool(shuffle))
    if _comes_from(x, "torch.utils.data", "DataLoader"):
        return TorchLoaderData(x)
    if _comes_from(x, "torch.utils.data", "Dataset"):
        raise TypeError(f"x is a {type(x).__name__}, of single samples: put it in a torch.utils.data.DataLoader")
    if _comes_from(x, "tensorflow.python.data", "DatasetV2"):
        return TensorFlowData(x)
    if any(_comes_from(x, "grain.", name) for name in ("MapDataset", "IterDataset", "DataLoader")):
        return GrainData(x)
    if isinstance(x, Iterator):
        return GeneratorData(x)
    if (
        not isinstance(x, (Mapping, list, tuple, str, bytes, range))
        and not hasattr(x, "shape")
        and hasattr(x, "__iter__")
    ):
        return IterableData(x)
    return None
