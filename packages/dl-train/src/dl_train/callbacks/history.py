"""The logs of all epochs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_ops.objects import public
from dl_train.callbacks.base import Callback


@public("keras.callbacks.History")
class History(Callback):
    """Keeps the logs of each epoch: ``history`` from names to lists, ``epoch`` the epochs' numbers.

    `Model.fit` adds one and returns it.

    Examples
    --------
    >>> history = History()
    >>> history.on_epoch_end(0, {"loss": 1.0})
    >>> history.on_epoch_end(1, {"loss": 0.5, "val_loss": 0.75})
    >>> history.history
    {'loss': [1.0, 0.5], 'val_loss': [0.75]}
    """

    _kept = ("history", "epoch", "_rows")

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []
        self._rows: list[dict[str, Any]] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epoch.append(epoch)
        logs = dict(logs or {})
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        self._rows.append({"epoch": epoch, **logs})

    def to_table(self) -> Any:
        """Table of the logs, with a row for each epoch; a log that is not there after each leaves gaps.

        Returns
        -------
        pandas.DataFrame, or list of dict if pandas is not installed
            The frame's index are the epochs, counted from 0; a row of the list has them as ``epoch``.
        """
        from dl_train.callbacks.history_table import table_of

        return table_of(self._rows)

    def plot(self, names: Sequence[str] | None = None) -> Any:
        """Draw loss and metrics over the epochs, each in a diagram, validation beside training.

        Parameters
        ----------
        names : sequence of str, optional
            Logs to draw, without ``val_``; by default all that are numbers.

        Returns
        -------
        matplotlib.figure.Figure
            ``savefig`` writes it to a file; ``matplotlib.pyplot.show()`` opens a window.

        Raises
        ------
        ValueError
            If there is nothing to draw, or no such log.
        ImportError
            If matplotlib is not installed: the extra ``plot`` brings it.
        """
        from dl_train.callbacks.history_plot import plot_history

        return plot_history(self._rows, names)
