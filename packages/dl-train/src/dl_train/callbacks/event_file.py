"""Files of events that TensorBoard reads."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dl_train.extras import require

_BUCKETS: Final = 30
"""Number of a histogram's intervals; TensorBoard shows no more."""

_GAP: Final = 1
"""Pixels between the tiles of an image."""

_numbers = itertools.count()


class EventFile:
    """File of events in a directory, open for writing.

    Parameters
    ----------
    directory : str
        Made if it is not there.

    Raises
    ------
    ImportError
        If tensorboardX is not installed.
    """

    def __init__(self, directory: str) -> None:
        needed = ("TensorBoard", "tensorboard")
        writers = require("tensorboardX.event_file_writer", *needed)
        self._summaries = require("tensorboardX.summary", *needed)
        self._messages = require("tensorboardX.proto.summary_pb2", *needed)
        self._events = require("tensorboardX.proto.event_pb2", *needed)
        os.makedirs(directory, exist_ok=True)
        # the library's names hold the second alone, and two files of one name would overwrite each other
        suffix = f".{os.getpid()}.{next(_numbers)}"
        self._file = writers.EventsWriter(os.path.join(directory, "events"), suffix)

    def scalar(self, name: str, data: Any, step: int) -> None:
        """Write a number."""
        self._write([self._summaries.scalar(name, float(data))], step)

    def scalars(self, values: Mapping[str, Any], step: int) -> None:
        """Write numbers by their names; what is none is left out."""
        numbers = {name: value for name, value in values.items() if np.ndim(value) == 0 and _is_number(value)}
        self._write([self._summaries.scalar(name, float(value)) for name, value in numbers.items()], step)

    def histogram(self, name: str, data: Any, step: int) -> None:
        """Write how the finite ones of some values are distributed, if there are any."""
        values = np.asarray(data, np.float64)
        values = values[np.isfinite(values)]
        if values.size:
            self._write([self._summaries.histogram(name, values, _BUCKETS)], step)

    def image(self, name: str, data: Any, step: int) -> None:
        """Write an array of at least one dimension as a grey image, black its least value and white its greatest."""
        image = as_image(np.asarray(data, np.float64))
        if image is not None:
            require("PIL", "TensorBoard(write_images=True)", "tensorboard")
            self._write([self._summaries.image(name, image[..., None], dataformats="HWC")], step)

    def model(self, config: str) -> None:
        """Write a model's configuration, of which TensorBoard draws the graph."""
        metadata = self._messages.SummaryMetadata(
            plugin_data=self._messages.SummaryMetadata.PluginData(plugin_name="graph_keras_model", content=b"1")
        )
        value = self._messages.Summary.Value(tag="keras", metadata=metadata)
        value.tensor.dtype = 7  # strings
        value.tensor.string_val.append(config.encode())
        self._write([self._messages.Summary(value=[value])], 0)

    def _write(self, summaries: list[Any], step: int) -> None:
        if not summaries:
            return
        event = self._events.Event(wall_time=time.time(), step=step)
        for summary in summaries:
            event.summary.MergeFrom(summary)
        self._file.write_event(event)

    def flush(self) -> None:
        """Let readers see what has been written."""
        self._file.flush()

    def close(self) -> None:
        """End the file."""
        self._file.close()


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def as_image(values: NDArray[Any]) -> NDArray[np.uint8] | None:
    """Grey image of an array: a row, a matrix, or for more dimensions tiles of the first two.

    Parameters
    ----------
    values : numpy.ndarray, shape (height, width, ...)

    Returns
    -------
    numpy.ndarray of uint8, shape (rows, columns), or None
        ``None`` for a scalar, an empty array, or one without finite values.

    Examples
    --------
    >>> import numpy as np
    >>> as_image(np.array([0.0, 1.0, 2.0])).tolist()
    [[0, 127, 255]]
    >>> as_image(np.zeros((3, 3, 2, 8))).shape
    (15, 15)
    """
    finite = values[np.isfinite(values)]
    if values.ndim == 0 or not finite.size:
        return None
    low, high = float(finite.min()), float(finite.max())
    scaled = np.nan_to_num((values - low) / ((high - low) or 1.0), nan=0.0, posinf=1.0, neginf=0.0)
    grey = (255 * scaled).astype(np.uint8)
    if grey.ndim < 3:
        return np.atleast_2d(grey)
    tiles = np.moveaxis(grey.reshape(*grey.shape[:2], -1), -1, 0)
    columns = int(np.ceil(np.sqrt(len(tiles))))
    rows = -(-len(tiles) // columns)
    height, width = tiles.shape[1] + _GAP, tiles.shape[2] + _GAP
    image = np.zeros((rows * height - _GAP, columns * width - _GAP), np.uint8)
    for number, tile in enumerate(tiles):
        y, x = number // columns * height, number % columns * width
        image[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
    return image
