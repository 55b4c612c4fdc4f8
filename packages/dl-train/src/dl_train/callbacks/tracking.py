"""What services that keep track of experiments share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from dl_ops.interchange import convert_to_numpy
from dl_train.callbacks.base import Callback
from dl_train.callbacks.rates import has_rate, learning_rate


class TrackingCallback(Callback):
    """Base of callbacks that hand numbers to a service: after epochs, and if it is asked for after batches.

    Parameters
    ----------
    log_freq : "epoch" or int, default "epoch"
        After how many batches numbers are handed over, beside each epoch.

    Raises
    ------
    ValueError
        If it is neither ``"epoch"`` nor a positive integer.
    """

    def __init__(self, log_freq: str | int = "epoch") -> None:
        super().__init__()
        number = isinstance(log_freq, int) and not isinstance(log_freq, bool) and log_freq > 0
        if log_freq != "epoch" and not number:
            raise ValueError(
                f'{type(self).__name__}(log_freq={log_freq!r}): expected "epoch" or a positive integer of batches'
            )
        self.log_freq = log_freq
        self._step = self._first = 0

    # -- what a service takes -----------------------------------------------------------------------------------

    def _begin(self, description: dict[str, Any]) -> None:
        """Begin a run, of a training with these settings."""
        raise NotImplementedError

    def _log(self, values: dict[str, float], step: int) -> None:
        """Take numbers, after a number of batches."""
        raise NotImplementedError

    def _end(self, failed: bool) -> None:
        """End a run that was begun here."""
        raise NotImplementedError

    # -- what training tells ------------------------------------------------------------------------------------

    def _idle_hooks(self) -> Collection[str]:
        return ("on_train_batch_begin", "on_train_batch_end") if self.log_freq == "epoch" else ()

    def on_train_begin(self, logs: Any = None) -> None:
        self._step = _iterations(self.model)
        self._running = True
        self._begin(description(self.model, self.params))

    _running = False

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._first = batch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        before, every = self._step, self.log_freq
        self._step += batch + 1 - self._first
        if not isinstance(every, str) and self._step // every > before // every:
            self._log({f"batch/{name}": value for name, value in numbers(logs).items()}, self._step)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.log_freq == "epoch":
            self._step = _iterations(self.model)
        values = {f"epoch/{name}": value for name, value in numbers(logs).items()}
        if has_rate(self.model):
            values["epoch/learning_rate"] = learning_rate(self.model, type(self).__name__)
        self._log(values | {"epoch/epoch": float(epoch)}, self._step)

    def on_train_end(self, logs: Any = None) -> None:
        self._finish(failed=False)

    def _abort(self) -> None:
        self._finish(failed=True)

    def _finish(self, failed: bool) -> None:
        if self._running:
            self._running = False
            self._end(failed)


def numbers(logs: Any) -> dict[str, float]:
    """Logs that are numbers."""
    found = {}
    for name, value in (logs or {}).items():
        if isinstance(value, (int, float, np.number)) or (isinstance(value, np.ndarray) and value.ndim == 0):
            found[name] = float(value)
    return found


def description(model: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """What characterizes a training: the model's size, its loss, the optimizer's settings, epochs and steps."""
    described: dict[str, Any] = {
        "model": model.name,
        "parameters": int(sum(np.prod(variable.shape) for variable in model.variables)),
        "loss": getattr(model.loss, "name", None) or getattr(model.loss, "__name__", None) or str(model.loss),
        "epochs": params.get("epochs"),
        "steps_per_epoch": params.get("steps"),
    }
    if model.optimizer is not None:
        config = model.optimizer.get_config()
        described |= {
            f"optimizer/{name}": value for name, value in config.items() if value is None or np.isscalar(value)
        }
    return described


def _iterations(model: Any) -> int:
    iterations = getattr(getattr(model, "optimizer", None), "iterations", None)
    return 0 if iterations is None else int(convert_to_numpy(iterations))
