"""Callbacks that end training."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dl_ops.objects import public
from dl_train.callbacks.base import Callback
from dl_train.callbacks.monitoring import MonitoringCallback


@public("keras.callbacks.EarlyStopping")
class EarlyStopping(MonitoringCallback):
    """Stop training when a log has stopped getting better.

    Parameters
    ----------
    monitor : str, default "val_loss"
        Name of the log.
    min_delta : float, default 0
        Least change that counts.
    patience : int, default 0
        Number of epochs without one after which training stops.
    verbose : {0, 1}
        Whether it says so.
    mode : {"auto", "min", "max"}
        Whether less or more is better; by default what the name says.
    baseline : float, optional
        Value that must be bettered within the patience.
    restore_best_weights : bool, default False
        Whether the model gets the weights of its best epoch back.
    start_from_epoch : int, default 0
        Number of epochs to wait before watching.

    Examples
    --------
    >>> callback = EarlyStopping("loss", patience=2)
    """

    _kept = ("wait", "stopped_epoch", "best_epoch", "best", "best_weights")

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode)
        self.min_delta, self.patience, self.verbose = abs(min_delta), patience, verbose
        self.baseline, self.restore_best_weights, self.start_from_epoch = (
            baseline,
            restore_best_weights,
            start_from_epoch,
        )
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best: float | None = None
        self.best_weights: list[Any] | None = None

    def get_monitor_value(self, logs: Any) -> Any:
        """Value of the log; ``None``, with a warning, if it is not there."""
        return self.watch.value_in(logs)

    def on_train_begin(self, logs: Any = None) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = self.best_weights = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        value = self.get_monitor_value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            # should there be no improvement at all
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self.watch.improves(value, self.best, self.min_delta):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.watch.improves(value, self.baseline, self.min_delta):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print(f"Restoring the weights of the best epoch, {self.best_epoch + 1}")
            self.model.set_weights(self.best_weights)


@public("keras.callbacks.TerminateOnNaN")
class TerminateOnNaN(Callback):
    """Stop training when the loss is no finite number.

    Parameters
    ----------
    raise_error : bool, default False
        Whether it raises an error instead.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or (np.isfinite(loss) if isinstance(loss, np.ndarray) else math.isfinite(loss)):
            return
        message = f"batch {batch}: the loss is {loss}"
        if self.raise_error:
            raise RuntimeError(f"{message}, training cannot go on")
        print(f"{message}, training stops")
        self.model.stop_training = True
