"""Callbacks that write logs."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import IO, Any

import numpy as np

from dl_ops.objects import public
from dl_train.callbacks.base import Callback


@public("keras.callbacks.CSVLogger")
class CSVLogger(Callback):
    """Write the logs of each epoch as a line of a CSV file.

    Parameters
    ----------
    filename : str or path
    separator : str, default ","
    append : bool, default False
        Whether a file that exists is continued; else it is replaced.
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename, self.separator, self.append = os.fspath(filename), separator, append
        self.keys: list[str] | None = None
        self._file: IO[str] | None = None
        self._writer: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.keys = None
        if self.append and os.path.exists(self.filename):
            with open(self.filename, newline="") as file:
                header = next(csv.reader(file, delimiter=self.separator), None)
            self.keys = header[1:] if header else None
        self._has_header = self.keys is not None
        self._file = open(self.filename, "a" if self.append else "w", newline="")  # noqa: SIM115  # closed when training ends

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs = dict(logs or {})
        if self._file is None:
            return
        if self.keys is None:
            self.keys = sorted(logs)
            # epochs without validation come first when it happens now and then
            if self.model is not None and not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys if key != "learning_rate"]
        if self._writer is None:
            self._writer = csv.DictWriter(
                self._file, ["epoch", *self.keys], restval="NA", extrasaction="ignore", delimiter=self.separator
            )
            if not self._has_header:
                self._writer.writeheader()
        self._writer.writerow({"epoch": epoch, **{key: _text(value) for key, value in logs.items()}})
        self._file.flush()

    def on_train_end(self, logs: Any = None) -> None:
        self._abort()

    def _abort(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None


def _text(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return f'"[{", ".join(map(str, value))}]"'
    return value
