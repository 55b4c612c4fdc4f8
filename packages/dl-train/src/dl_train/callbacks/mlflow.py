"""Numbers for MLflow."""

from __future__ import annotations

from typing import Any

from dl_train.callbacks.tracking import TrackingCallback
from dl_train.extras import require


class MlflowLogger(TrackingCallback):
    """Log a training to MLflow: settings, loss and metrics.

    It uses the run that ``mlflow.start_run`` has begun; if there is none it begins one, and ends it after training.

    Parameters
    ----------
    log_freq : "epoch" or int, default "epoch"
        After how many batches numbers are logged, beside each epoch.
    **options
        For ``mlflow.start_run``: ``run_name``, ``experiment_id`` and others.

    Raises
    ------
    ValueError
        If `log_freq` is malformed.
    ImportError
        If MLflow is not installed: the extra ``mlflow`` brings it.

    Examples
    --------
    >>> from dl_train.callbacks.mlflow import MlflowLogger
    >>> callback = MlflowLogger(run_name="first")  # doctest: +SKIP
    """

    def __init__(self, log_freq: str | int = "epoch", **options: Any) -> None:
        super().__init__(log_freq)
        self.options = options
        self._mlflow = require("mlflow", "MlflowLogger", "mlflow")
        self._own = False

    def _begin(self, description: dict[str, Any]) -> None:
        self._own = self._mlflow.active_run() is None
        if self._own:
            self._mlflow.start_run(**self.options)
        self._mlflow.log_params(description)

    def _log(self, values: dict[str, float], step: int) -> None:
        self._mlflow.log_metrics(values, step=step)

    def _end(self, failed: bool) -> None:
        if self._own:
            self._mlflow.end_run("FAILED" if failed else "FINISHED")
