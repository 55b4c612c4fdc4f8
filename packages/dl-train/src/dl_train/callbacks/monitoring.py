"""Callbacks that watch one of the logs: whether it gets better."""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

from dl_train.callbacks.base import Callback

# parts of names of what should rise, and of what should fall
_RISES: Final = (
    "acc", "auc", "precision", "recall", "sensitivity", "specificity", "f1", "fbeta", "iou", "dice", "r2",
    "true_positives", "true_negatives", "cosine_similarity", "concordance", "pearson", "top_k", "bleu", "psnr", "ssim",
)  # fmt: skip
_FALLS: Final = (
    "loss", "error", "mse", "mae", "mape", "msle", "rmse", "crossentropy", "divergence", "hinge", "huber", "poisson",
    "log_cosh", "logcosh", "false_positives", "false_negatives", "perplexity",
)  # fmt: skip


class Monitor:
    """Compares values of one log.

    Parameters
    ----------
    monitor : str
        Name of the log.
    mode : {"auto", "min", "max"}
        Whether less or more is better; by default what the name says.
    owner : str
        Class of the callback, for messages.

    Raises
    ------
    ValueError
        If the mode is unknown, or does not follow from the name.
    """

    def __init__(self, monitor: str, mode: str, owner: str) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f'{owner}(mode={mode!r}): expected "auto", "min" or "max"')
        self.name, self.owner = monitor, owner
        if mode == "auto":
            mode = _direction(monitor, owner)
        self.rises = mode == "max"
        self.better: Callable[[Any, Any], bool] = operator.gt if self.rises else operator.lt
        self.worst = float("-inf") if self.rises else float("inf")

    def improves(self, value: float, best: float | None, min_delta: float = 0.0) -> bool:
        """Whether a value is better than the best so far by more than `min_delta`, as any number is than none."""
        if best is None:
            return True
        if best != best:
            return bool(value == value)
        return bool(self.better(value - min_delta if self.rises else value + min_delta, best))

    def value_in(self, logs: Mapping[str, Any] | None) -> Any:
        """Value of the log; ``None``, with a warning, if it is not there."""
        value = (logs or {}).get(self.name)
        if value is None:
            warnings.warn(
                f"{self.owner} watches {self.name!r}, which is not among the logs: {', '.join(logs or {})}",
                stacklevel=3,
            )
        return value


def _direction(name: str, owner: str) -> str:
    # letters around a part would make it one of another word
    if any(re.search(rf"(?<![a-z]){part}|{part}(?![a-z])", name) for part in _FALLS):
        return "min"
    if any(part in name for part in _RISES):
        return "max"
    raise ValueError(
        f"{owner}(monitor={name!r}): whether more or less is better does not follow from the name, "
        'pass mode="max" or mode="min"'
    )


class MonitoringCallback(Callback):
    """Base of callbacks that watch a log."""

    monitor: str
    mode: str
    _monitor: Monitor | None

    def __init__(self, monitor: str, mode: str) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            raise ValueError(f'{type(self).__name__}(mode={mode!r}): expected "auto", "min" or "max"')
        self.monitor, self.mode = monitor, mode
        self._monitor = None

    @property
    def watch(self) -> Monitor:
        """The comparison, worked out when it is first needed."""
        if self._monitor is None:
            self._monitor = Monitor(self.monitor, self.mode, type(self).__name__)
        return self._monitor
