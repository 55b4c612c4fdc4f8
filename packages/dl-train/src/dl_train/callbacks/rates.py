"""Callbacks that change the learning rate."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

from dl_ops.interchange import convert_to_numpy
from dl_ops.objects import public
from dl_train.callbacks.base import Callback
from dl_train.callbacks.monitoring import MonitoringCallback


def has_rate(model: Any) -> bool:
    """Whether a model is trained with a learning rate."""
    return hasattr(getattr(model, "optimizer", None), "learning_rate")


def learning_rate(model: Any, owner: str) -> float:
    """Learning rate that a model is trained with.

    Parameters
    ----------
    model : Model
    owner : str
        Class that asks, for messages.

    Raises
    ------
    ValueError
        If there is none.
    """
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or not has_rate(model):
        raise ValueError(f"{owner}: the model's optimizer {optimizer!r} has no learning_rate")
    return float(convert_to_numpy(optimizer.learning_rate))


@public("keras.callbacks.LearningRateScheduler")
class LearningRateScheduler(Callback):
    """Set the learning rate before each epoch.

    Parameters
    ----------
    schedule : callable
        From ``(epoch, rate)``, or ``(epoch)`` alone, to the new rate.
    verbose : {0, 1}
        Whether it says so.

    Raises
    ------
    ValueError
        In training, if the schedule gives something else.

    Examples
    --------
    >>> callback = LearningRateScheduler(lambda epoch, rate: rate * 0.9)
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        rate = learning_rate(self.model, "LearningRateScheduler")
        parameters = inspect.signature(self.schedule).parameters.values()
        both = len(parameters) != 1 or any(p.kind is p.VAR_POSITIONAL for p in parameters)
        new = self.schedule(epoch, rate) if both else self.schedule(epoch)
        if isinstance(new, bool) or not hasattr(new, "__float__"):
            raise ValueError(f"LearningRateScheduler: the schedule must give a number, got {new!r}")
        self.model.optimizer.learning_rate = float(new)
        if self.verbose > 0:
            print(f"Epoch {epoch + 1}: LearningRateScheduler setting learning rate to {float(new):.6g}.")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if isinstance(logs, dict):
            logs["learning_rate"] = learning_rate(self.model, "LearningRateScheduler")


@public("keras.callbacks.ReduceLROnPlateau")
class ReduceLROnPlateau(MonitoringCallback):
    """Reduce the learning rate when a log has stopped getting better.

    Parameters
    ----------
    monitor : str, default "val_loss"
        Name of the log.
    factor : float, default 0.1
        What the rate is multiplied by.
    patience : int, default 10
        Number of epochs without improvement after which that happens.
    verbose : {0, 1}
        Whether it says so.
    mode : {"auto", "min", "max"}
    min_delta : float, default 1e-4
        Least change that counts.
    cooldown : int, default 0
        Number of epochs to wait after a reduction.
    min_lr : float, default 0
        Lowest rate.

    Raises
    ------
    ValueError
        If `factor` is not below 1.
    """

    _kept = ("wait", "cooldown_counter", "best")

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise TypeError(f"ReduceLROnPlateau() got unexpected arguments {sorted(kwargs)}")
        super().__init__(monitor, mode)
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau(factor={factor}): expected less than 1")
        self.factor, self.min_lr, self.min_delta = factor, min_lr, min_delta
        self.patience, self.verbose, self.cooldown = patience, verbose, cooldown
        self.cooldown_counter = self.wait = 0
        self.best: float | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.cooldown_counter = self.wait = 0
        self.best = None

    def in_cooldown(self) -> bool:
        """Whether it waits after a reduction."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if isinstance(logs, dict):
            logs["learning_rate"] = learning_rate(self.model, "ReduceLROnPlateau")
        value = self.watch.value_in(logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.watch.improves(value, self.best, self.min_delta):
            self.best, self.wait = value, 0
            return
        if self.in_cooldown():
            return
        self.wait += 1
        if self.wait < self.patience:
            return
        old = learning_rate(self.model, "ReduceLROnPlateau")
        if old > self.min_lr and not math.isclose(old, self.min_lr, rel_tol=1e-6):
            new = max(old * self.factor, self.min_lr)
            self.model.optimizer.learning_rate = new
            if self.verbose > 0:
                print(f"Epoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new:.6g}.")
            self.cooldown_counter, self.wait = self.cooldown, 0
