"""Numbers for Weights & Biases."""

from __future__ import annotations

from typing import Any

from dl_train.callbacks.tracking import TrackingCallback
from dl_train.extras import require


class WandbLogger(TrackingCallback):
    """Log a training to Weights & Biases: settings, loss and metrics.

    It uses the run that ``wandb.init`` has begun; if there is none it begins one, and ends it after training. Names are
    as in wandb's own callback, ``epoch/loss`` and ``batch/loss``; steps are batches since the optimizer was new.

    Parameters
    ----------
    log_freq : "epoch" or int, default "epoch"
        After how many batches numbers are logged, beside each epoch.
    **options
        For ``wandb.init``: ``project``, ``name``, ``mode="offline"`` and others.

    Raises
    ------
    ValueError
        If `log_freq` is malformed.
    ImportError
        If wandb is not installed: the extra ``wandb`` brings it.

    Examples
    --------
    >>> from dl_train.callbacks.wandb import WandbLogger
    >>> callback = WandbLogger(log_freq=100, project="digits")  # doctest: +SKIP
    """

    def __init__(self, log_freq: str | int = "epoch", **options: Any) -> None:
        super().__init__(log_freq)
        self.options = options
        self._wandb = require("wandb", "WandbLogger", "wandb")
        self._run: Any = None
        self._own = False

    def _begin(self, description: dict[str, Any]) -> None:
        self._own = self._wandb.run is None
        self._run = self._wandb.init(**self.options) if self._own else self._wandb.run
        self._run.config.update(description, allow_val_change=True)

    def _log(self, values: dict[str, float], step: int) -> None:
        self._run.log(values, step=step)

    def _end(self, failed: bool) -> None:
        if self._own:
            self._run.finish(exit_code=int(failed))
        self._run = None
