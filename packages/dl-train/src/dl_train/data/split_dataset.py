"""A data set in two."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from dl_ops import tree
from dl_ops.backend import current_backend
from dl_ops.objects import public
from dl_train.data.conversion import as_arrays, check_lengths
from dl_train.data.sample_dataset import SampleDataset


@public("keras.utils.split_dataset")
def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:
    """Split a data set into the first samples and the last.

    Parameters
    ----------
    dataset : structure of arrays, tf.data.Dataset or torch.utils.data.Dataset
        Arrays have samples along their first axis.
    left_size, right_size : float or int, optional
        A fraction of the samples, between 0 and 1, or their number. Where one is not given the other leaves the rest
        to it.
    shuffle : bool, default False
        Whether samples come in another order first.
    seed : int, optional
        Of that order.
    preferred_backend : {"tensorflow", "torch", "jax", "numpy", "openvino"}, optional
        What to return; by default what `dataset` is, and for arrays what fits the active backend.

    Returns
    -------
    left, right : tf.data.Dataset, torch.utils.data.Subset or SampleDataset
        Data sets of samples. Where they are neither TensorFlow's nor PyTorch's they are of this package: a model's
        methods take them, and their ``batch(size)`` gives batches.

    Raises
    ------
    ValueError
        If sizes are not given, too large, or leave no samples on one side.
    TypeError
        If the data set is none of these, or a size no number.

    Examples
    --------
    >>> import numpy as np
    >>> left, right = split_dataset(np.arange(10), left_size=0.8)
    >>> len(left), len(right), [int(x) for x in right]
    (8, 2, [8, 9])
    """
    backends = (None, "tensorflow", "torch", "jax", "numpy", "openvino")
    if preferred_backend not in backends:
        raise ValueError(f"split_dataset(preferred_backend={preferred_backend!r}): expected one of {backends[1:]}")
    # of a library that is not imported there can be no data set
    modules = {cls.__module__.partition(".")[0] for cls in type(dataset).__mro__}
    if "tensorflow" in modules and hasattr(dataset, "cardinality"):
        if preferred_backend in (None, "tensorflow"):
            return _split_tensorflow(dataset, left_size, right_size, shuffle, seed)
        dataset = _collected(dataset)
    elif (
        "torch" in modules
        and hasattr(dataset, "__getitem__")
        and hasattr(dataset, "__len__")
        and not hasattr(dataset, "shape")
    ):
        if preferred_backend in (None, "torch"):
            left, right = _indices(len(dataset), left_size, right_size, shuffle, seed)
            subset = importlib.import_module("torch.utils.data").Subset
            return subset(dataset, left.tolist()), subset(dataset, right.tolist())
        dataset = _collected(dataset[i] for i in range(len(dataset)))
    return _split_arrays(dataset, left_size, right_size, shuffle, seed, preferred_backend)


def _split_arrays(
    dataset: Any, left_size: Any, right_size: Any, shuffle: bool, seed: Any, preferred: str | None
) -> tuple[Any, Any]:
    if not isinstance(dataset, (np.ndarray, list, tuple, dict)) and not hasattr(dataset, "shape"):
        raise TypeError(
            f"split_dataset(dataset={type(dataset).__name__}): expected arrays, in a tuple, list or dict if there are "
            f"several, a tf.data.Dataset, or a torch.utils.data.Dataset with a length"
        )
    arrays = as_arrays(dataset, "dataset")
    length = check_lengths({"dataset": arrays})
    if isinstance(arrays, list):
        arrays = tuple(arrays)
    first, last = _indices(length, left_size, right_size, shuffle, seed)

    def take(index: Any) -> Any:
        # slices are views
        key = index if shuffle else slice(index[0], index[-1] + 1)
        return tree.map_structure(lambda array: array[key], arrays)

    left, right = take(first), take(last)
    target = preferred or current_backend().name
    if target == "tensorflow":
        from_slices = importlib.import_module("tensorflow").data.Dataset.from_tensor_slices
        return from_slices(left), from_slices(right)
    if target == "torch":
        return _torch_subset(left), _torch_subset(right)
    return SampleDataset(left), SampleDataset(right)


def _torch_subset(arrays: Any) -> Any:
    samples = SampleDataset(arrays)
    return importlib.import_module("torch.utils.data").Subset(samples, range(len(samples)))


def _split_tensorflow(dataset: Any, left_size: Any, right_size: Any, shuffle: bool, seed: Any) -> tuple[Any, Any]:
    length = int(dataset.cardinality())
    if length == -1:
        raise ValueError("split_dataset(): the tf.data.Dataset has no end; take() some of it first")
    if length < 0:
        length = sum(1 for _ in dataset)  # it does not know itself
    left, right = _sizes(length, left_size, right_size)
    if shuffle:
        # one order for both sides and for every time they are gone through
        drawn = int(np.random.randint(2**31)) if seed is None else seed
        dataset = dataset.shuffle(length, seed=drawn, reshuffle_each_iteration=False)
    return dataset.take(left), dataset.skip(length - right)


def _collected(samples: Any) -> Any:
    """Arrays of all samples."""
    parts = list(samples)
    if not parts:
        raise ValueError("split_dataset(): the data set has no samples")
    return tree.map_structure(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *parts)


def _indices(length: int, left_size: Any, right_size: Any, shuffle: bool, seed: Any) -> tuple[Any, Any]:
    left, right = _sizes(length, left_size, right_size)
    order = np.arange(length)
    if shuffle:
        order = (np.random if seed is None else np.random.default_rng(seed)).permutation(length)
    return order[:left], order[length - right :]


def _sizes(length: int, left_size: Any, right_size: Any) -> tuple[int, int]:
    """Numbers of samples on both sides."""
    if left_size is None and right_size is None:
        raise ValueError("split_dataset(): left_size or right_size must be given")
    left, right = _size("left_size", left_size, length), _size("right_size", right_size, length)
    left = length - right if left is None else left  # type: ignore[operator]  # one of both is given
    right = length - left if right is None else right
    if left + right > length:
        raise ValueError(
            f"split_dataset(left_size={left_size}, right_size={right_size}): {left} and {right} samples are more than "
            f"the {length} that there are"
        )
    if not (left and right):
        raise ValueError(
            f"split_dataset(left_size={left_size}, right_size={right_size}) of {length} samples leaves {left} and "
            f"{right}: expected some on both sides"
        )
    return left, right


def _size(name: str, value: Any, length: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, (bool, np.bool)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"split_dataset({name}={value!r}): expected a number, not {type(value).__name__}")
    if isinstance(value, (int, np.integer)) and 0 < value < length:
        return int(value)
    if isinstance(value, (float, np.floating)) and 0 < value < 1:
        return round(float(value) * length)
    raise ValueError(
        f"split_dataset({name}={value}): expected a fraction between 0 and 1, or a number of samples "
        f"from 1 to {length - 1}"
    )
