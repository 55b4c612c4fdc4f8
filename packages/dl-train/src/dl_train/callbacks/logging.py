"""Callbacks that write logs."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from dl_ops.objects import public
from dl_train.callbacks.base import Callback

if TYPE_CHECKING:
    from dl_train.trainer.training_state import TrainingState


@public("keras.callbacks.CSVLogger")
class CSVLogger(Callback):
    """Write the logs of each epoch as a line of a CSV file.

    Where `BackupAndRestore` lets a training go on, the file is continued, too.

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
        self._training: TrainingState | None = None

    def set_training_state(self, state: TrainingState) -> None:
        self._training = state

    def on_train_begin(self, logs: Any = None) -> None:
        self.keys = None
        append = self.append
        if self._training is not None and self._training.resumed and os.path.exists(self.filename):
            self._drop_from(self._training.epoch)
            append = True
        if append and os.path.exists(self.filename):
            with open(self.filename, newline="") as file:
                header = next(csv.reader(file, delimiter=self.separator), None)
            self.keys = header[1:] if header else None
        self._has_header = self.keys is not None
        self._file = open(self.filename, "a" if append else "w", newline="")  # noqa: SIM115  # closed when training ends

    def _drop_from(self, epoch: int) -> None:
        """Drop the last lines, from an epoch on that is trained again, and one that was not written to its end."""
        from dl_saving.atomic import replacing

        with open(self.filename, newline="") as file:
            rows = list(csv.reader(file, delimiter=self.separator))
        while len(rows) > 1 and (
            len(rows[-1]) != len(rows[0]) or not rows[-1][0].isdecimal() or int(rows[-1][0]) >= epoch
        ):
            rows.pop()
        with replacing(self.filename) as temporary, open(temporary, "w", newline="") as file:
            csv.writer(file, delimiter=self.separator).writerows(rows)

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
        self._file = self._writer = self._training = None


def _text(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return f'"[{", ".join(map(str, value))}]"'
    return value
