"""A progress bar in a terminal."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column


class Bar:
    """Bar that is drawn when it is told to, and leaves nothing behind.

    Parameters
    ----------
    total : int, optional
        Number of steps, if it is known.
    """

    def __init__(self, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("[bold]{task.completed:.0f}" + (f"/{total}" if total else "")),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[timing]}", markup=False, table_column=Column(no_wrap=True)),
            TextColumn("{task.fields[logs]}", markup=False, table_column=Column(no_wrap=True)),
            console=Console(file=sys.stdout),
            auto_refresh=False,
            transient=True,
        )
        self._task = self._progress.add_task("", total=total, logs="", timing="")
        self._progress.start()

    def show(self, done: int, timing: str, logs: str) -> None:
        """Draw the state after `done` steps."""
        self._progress.update(self._task, completed=done, logs=logs, timing=timing)
        self._progress.refresh()

    def stop(self) -> None:
        """Remove the bar and leave the terminal in order."""
        self._progress.stop()
