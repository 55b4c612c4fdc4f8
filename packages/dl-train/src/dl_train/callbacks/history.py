"""The logs of all epochs."""

from __future__ import annotations

from typing import Any

from dl_ops.objects import public
from dl_train.callbacks.base import Callback


@public("keras.callbacks.History")
class History(Callback):
    """Keeps the logs of each epoch: ``history`` from names to lists, ``epoch`` the epochs' numbers.

    `Model.fit` adds one and returns it.
    """

    _kept = ("history", "epoch")

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
