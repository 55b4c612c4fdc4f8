"""How images become inputs of models trained on ImageNet, and their outputs names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from dl_ops import config, ops
from dl_ops.dtypes import is_float, numpy_dtype, standardize_dtype

ClassIndex: TypeAlias = Mapping[Any, Sequence[str]]
"""WordNet id and name of each class, by its index as an integer or a string."""


class Mode(NamedTuple):
    """How one family of models had its images scaled: ``(x * scale - mean) / deviation``, by channel."""

    scale: float
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float] | None
    reverse: bool
    """Whether the model takes blue, green, red."""


MODES: Final = {
    "caffe": Mode(1.0, (103.939, 116.779, 123.68), None, True),
    "tf": Mode(1 / 127.5, (1.0, 1.0, 1.0), None, False),
    "torch": Mode(1 / 255, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), False),
}


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Scale images as a family of models was trained on them.

    Parameters
    ----------
    x : array or tensor, shape (..., rows, columns, 3) or (..., 3, rows, columns)
        Colours from 0 to 255, red, green, blue. Integers are cast to the default float.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    mode : {"caffe", "tf", "torch"}
        Blue, green, red less their means; from -1 to 1; or from 0 to 1, less the channels' means, over their
        deviations.

    Returns
    -------
    array or tensor, shape of `x`
        An array for an array, which is left as it was; a symbolic tensor for a symbolic one.

    Raises
    ------
    ValueError
        If `data_format`, `mode` or the shape is none of these.

    Examples
    --------
    >>> preprocess_input(np.array([[[0, 51, 255]]], "uint8"), mode="tf").round(3)
    array([[[-1. , -0.6,  1. ]]], dtype=float32)
    """
    if mode not in MODES:
        raise ValueError(f"preprocess_input(mode={mode!r}): expected one of {', '.join(map(repr, MODES))}")
    axis = -1 if config.standardize_data_format(data_format) == "channels_last" else -3
    if not hasattr(x, "dtype"):
        x = np.asarray(x)
    rank = len(x.shape)
    if rank < 3 or x.shape[axis] != 3:
        raise ValueError(
            f"preprocess_input(x of shape {tuple(x.shape)}): expected images with 3 channels on axis {axis} "
            f"({'channels_last' if axis == -1 else 'channels_first'})"
        )
    return _scaled(x, MODES[mode], rank + axis)


def _scaled(x: Any, mode: Mode, axis: int) -> Any:
    # the same few functions, on arrays or on tensors
    library: Any = np if isinstance(x, np.ndarray) else ops
    dtype = standardize_dtype(x.dtype)
    if not is_float(dtype):
        dtype = config.floatx()
        x = x.astype(numpy_dtype(dtype)) if library is np else ops.cast(x, dtype)

    def by_channel(values: tuple[float, float, float]) -> Any:
        return np.asarray(values, numpy_dtype(dtype)).reshape(3, *[1] * (len(x.shape) - axis - 1))

    if mode.reverse:
        x = library.flip(x, axis=axis)
    if mode.scale != 1.0:
        x = library.multiply(x, mode.scale)
    x = library.subtract(x, by_channel(mode.mean))
    return x if mode.deviation is None else library.divide(x, by_channel(mode.deviation))


def decode_predictions(
    preds: Any, top: int = 5, class_index: ClassIndex | str | PathLike[str] | None = None
) -> list[list[tuple[str, str, float]]]:
    """Name the classes with the highest scores.

    Parameters
    ----------
    preds : array or tensor, shape (samples, classes)
        Scores, as a model with a classifier gives them.
    top : int, default 5
        How many classes to name for each sample.
    class_index : mapping, str or path
        WordNet id and name of each class, by its index: ``{"0": ["n01440764", "tench"], ...}``, or the path of a JSON
        file with such a mapping, as Keras's ``imagenet_class_index.json``. Nothing is downloaded.

    Returns
    -------
    list of list of (str, str, float)
        For each sample WordNet id, name and score, the highest first.

    Raises
    ------
    ValueError
        If there is no class index, or the scores do not fit it.

    Examples
    --------
    >>> names = {0: ("n02084071", "dog"), 1: ("n02121808", "cat")}
    >>> decode_predictions(np.array([[0.25, 0.75]]), top=1, class_index=names)
    [[('n02121808', 'cat', 0.75)]]
    """
    names = _class_names(class_index)
    scores = np.asarray(ops.convert_to_numpy(preds), np.float64)
    if scores.ndim != 2 or scores.shape[1] != len(names):
        raise ValueError(
            f"decode_predictions(preds of shape {scores.shape}): expected (samples, {len(names)}), a score "
            "for each class of class_index"
        )
    if not 1 <= top <= len(names):
        raise ValueError(f"decode_predictions(top={top}): expected 1 to {len(names)}, the number of classes")
    order = np.argsort(-scores, axis=1, kind="stable")[:, :top]
    return [
        [(*names[index], float(row[index])) for index in indices] for row, indices in zip(scores, order, strict=True)
    ]


def _class_names(class_index: ClassIndex | str | PathLike[str] | None) -> list[tuple[str, str]]:
    """WordNet id and name of each class, in order."""
    where = "decode_predictions(class_index)"
    if class_index is None:
        raise ValueError(
            f"{where}: the names of ImageNet's classes are not shipped, and nothing is downloaded: pass class_index= a "
            "mapping {index: (WordNet id, name)} or the path of imagenet_class_index.json, which Keras keeps in "
            "~/.keras/models"
        )
    given: Any = class_index
    if isinstance(class_index, (str, PathLike)):
        where = f"decode_predictions(class_index={str(class_index)!r})"
        try:
            given = json.loads(Path(class_index).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"{where}: cannot be read as JSON: {error}") from error
    if not isinstance(given, Mapping) or not given:
        raise ValueError(f"{where}: expected a mapping from index to (WordNet id, name)")
    entries = {str(index): entry for index, entry in given.items()}
    names = []
    for index in map(str, range(len(entries))):
        entry = entries.get(index)
        if not isinstance(entry, Sequence) or isinstance(entry, str) or len(entry) != 2:
            raise ValueError(f"{where}: class {index} is {entry!r}, expected (WordNet id, name)")
        names.append((str(entry[0]), str(entry[1])))
    return names


__all__ = ["MODES", "ClassIndex", "Mode", "decode_predictions", "preprocess_input"]
