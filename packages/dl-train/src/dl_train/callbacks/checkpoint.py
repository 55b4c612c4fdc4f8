"""Saving the model while it is trained."""

from __future__ import annotations

import os
from typing import Any

from dl_ops.objects import public
from dl_train.callbacks.frequency import SavingCallback
from dl_train.callbacks.monitoring import MonitoringCallback


class CheckpointCallback(SavingCallback, MonitoringCallback):
    """Base of callbacks that save the model after epochs or batches, always or when a log is better than ever.

    A subclass has `_target`, which says where it is saved, and `_write`.
    """

    _kept = (*SavingCallback._kept, "best")

    def __init__(
        self,
        monitor: str,
        verbose: int,
        save_best_only: bool,
        mode: str,
        save_freq: str | int,
        initial_value_threshold: float | None,
    ) -> None:
        super().__init__(monitor, mode)
        self._set_frequency(save_freq)
        self.verbose, self.save_best_only, self.best = verbose, save_best_only, initial_value_threshold
        self._epoch = 0

    def _target(self, batch: int | None, logs: Any) -> str:
        """Where the model is to be saved after a batch, or after an epoch."""
        raise NotImplementedError

    def _write(self, target: str) -> None:
        """Save the model."""
        raise NotImplementedError

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_begin(epoch, logs)
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._saves_after(batch):
            self._save(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.save_freq == "epoch":
            self._save(None, logs)

    def _save(self, batch: int | None, logs: Any) -> None:
        target = self._target(batch, logs)
        if self.save_best_only:
            value = self.watch.value_in(logs)
            if value is None:
                return
            if not self.watch.improves(value, self.best):
                if self.verbose > 0:
                    print(f"\nEpoch {self._epoch + 1}: {self.monitor} did not improve from {self.best:.5f}")
                return
            if self.verbose > 0:
                before = self.watch.worst if self.best is None else self.best
                print(
                    f"\nEpoch {self._epoch + 1}: {self.monitor} improved "
                    f"from {before:.5f} to {value:.5f}, saving model to {target}"
                )
            self.best = value
        elif self.verbose > 0:
            print(f"\nEpoch {self._epoch + 1}: saving model to {target}")
        self._write(target)


@public("keras.callbacks.ModelCheckpoint")
class ModelCheckpoint(CheckpointCallback):
    """Save the model, or its weights, after epochs or numbers of batches.

    Parameters
    ----------
    filepath : str or path
        May hold names of logs and the number of the epoch, counted from 1, as ``"{epoch:02d}-{val_loss:.2f}.keras"``.
    monitor : str, default "val_loss"
        Name of the log that `save_best_only` compares.
    verbose : {0, 1}
        Whether it says what it does.
    save_best_only : bool, default False
        Whether it saves only if the log is better than ever before. Without that log it warns and saves nothing; Keras
        saves then, over the best one.
    save_weights_only : bool, default False
        Whether weights alone are saved; the name then ends in ``.weights.h5``, else in ``.keras`` or ``.h5``.
    mode : {"auto", "min", "max"}
        Whether less or more is better; by default what the name says.
    save_freq : "epoch" or int, default "epoch"
        After how many batches it saves.
    initial_value_threshold : float, optional
        Value to be bettered by the first one.

    Raises
    ------
    ValueError
        If the name's ending does not fit, or `save_freq` is malformed.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, verbose, save_best_only, mode, save_freq, initial_value_threshold)
        self.filepath, self.save_weights_only = os.fspath(filepath), save_weights_only
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            what = "with save_weights_only=True " if save_weights_only else ""
            raise ValueError(
                f"ModelCheckpoint(filepath={self.filepath!r}): {what}the name must end in {' or '.join(endings)}"
            )

    def _write(self, target: str) -> None:
        directory = os.path.dirname(target)
        if directory:
            os.makedirs(directory, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(target, overwrite=True)
        else:
            self.model.save(target, overwrite=True)

    def _target(self, batch: int | None, logs: Any) -> str:
        names = dict(logs or {})
        names |= {"epoch": self._epoch + 1} | ({} if batch is None else {"batch": batch + 1})
        try:
            return self.filepath.format(**names)
        except KeyError as error:
            raise KeyError(
                f"ModelCheckpoint(filepath={self.filepath!r}) names {error}, not one of the logs {', '.join(names)}"
            ) from None
