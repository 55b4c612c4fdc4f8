"""What a loop shows of its progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from dl_ops.config import is_interactive_logging_enabled
from dl_ops.objects import public
from dl_train.callbacks.base import Callback

if TYPE_CHECKING:
    from dl_train.callbacks.bar import Bar

_INTERVAL: Final = 0.25
"""Seconds between two looks at the numbers, which wait for the device."""

_LINE_INTERVAL: Final = 30.0
"""The same where each look makes a line."""


def format_value(value: Any) -> str:
    """Number with four digits."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return f"{number:.4f}" if abs(number) >= 1e-3 or number == 0 else f"{number:.4e}"


def format_logs(logs: Mapping[str, Any]) -> str:
    """Names and values: ``"loss: 0.5000 - mae: 0.1000"``."""
    return " - ".join(f"{name}: {format_value(value)}" for name, value in logs.items())


def format_time(seconds: float) -> str:
    """Duration: ``"5s"``, ``"1:05"``, ``"2:00:00"``."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if whole >= 60 else f"{whole}s"


def format_step(seconds: float) -> str:
    """Duration of a step: ``"3ms/step"``."""
    if seconds >= 1:
        return f"{seconds:.0f}s/step"
    return f"{seconds * 1e3:.0f}ms/step" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us/step"


class Display:
    """One line of progress: a bar in a terminal, lines elsewhere.

    Parameters
    ----------
    total : int, optional
        Number of steps, if it is known.
    verbose : {1, 2}
        A bar, or a line at the end.
    """

    def __init__(self, total: int | None, verbose: int) -> None:
        self._total, self._verbose = total, verbose
        self._begin = time.perf_counter()
        self._bar: Bar | None = None
        if verbose == 1 and sys.stdout.isatty() and is_interactive_logging_enabled():
            from dl_train.callbacks.bar import Bar  # rich takes a while to import

            self._bar = Bar(total)
        self.interval = _INTERVAL if self._bar is not None else _LINE_INTERVAL

    def show(self, done: int, logs: Mapping[str, Any]) -> None:
        """Show the state after `done` steps."""
        elapsed = time.perf_counter() - self._begin
        if self._bar is not None:
            left = elapsed / done * (self._total - done) if self._total and done else None
            timing = f"{format_time(elapsed if left is None else left)} {format_step(elapsed / max(done, 1))}"
            self._bar.show(done, timing, format_logs(logs))
        elif self._verbose == 1:
            self._line(done, logs, elapsed)

    def finish(self, done: int, logs: Mapping[str, Any]) -> None:
        """Show the final state."""
        self.stop()
        self._line(done, logs, time.perf_counter() - self._begin)

    def stop(self) -> None:
        """Leave the terminal in order, whatever happened."""
        if self._bar is not None:
            self._bar.stop()

    def _line(self, done: int, logs: Mapping[str, Any], elapsed: float) -> None:
        text = f"{done}/{self._total or done} - {format_time(elapsed)} - {format_step(elapsed / max(done, 1))}"
        print(" - ".join(part for part in (text, format_logs(logs)) if part), flush=True)


@public("keras.callbacks.ProgbarLogger")
class ProgbarLogger(Callback):
    """Show progress, loss and metrics: a bar in a terminal, a line for each epoch elsewhere.

    Loops add one, unless they are called with ``verbose=0``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._display: Display | None = None
        self._due = float("inf")
        self._seen = 0
        self._in_fit = False

    @property
    def _verbose(self) -> int:
        return int(self.params.get("verbose", 1))

    def _start(self) -> None:
        if self._display is not None:
            self._display.stop()
        if self._verbose:
            self._display = Display(self.params.get("steps"), self._verbose)
            self._due = time.perf_counter() + self._display.interval
        self._seen = 0

    def _step(self, batch: int, logs: Any) -> None:
        self._seen = batch + 1
        now = time.perf_counter()
        if now >= self._due and self._display is not None:
            self._display.show(self._seen, logs)
            self._due = time.perf_counter() + self._display.interval

    def _finish(self, logs: Any) -> None:
        if self._display is not None:
            self._display.finish(self._seen, logs or {})
        self._display, self._due = None, float("inf")

    def abort(self) -> None:
        """Leave the terminal in order after an error."""
        if self._display is not None:
            self._display.stop()
        self._display, self._due, self._in_fit = None, float("inf"), False

    def on_train_begin(self, logs: Any = None) -> None:
        self._in_fit = True

    def on_train_end(self, logs: Any = None) -> None:
        self._in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self._verbose and self.params.get("epochs", 1) > 1:
            print(f"Epoch {epoch + 1}/{self.params['epochs']}", flush=True)
        self._start()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: Any = None) -> None:
        if not self._in_fit:
            self._start()

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if not self._in_fit:
            self._step(batch, logs)

    def on_test_end(self, logs: Any = None) -> None:
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        self._start()

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step(batch, {})

    def on_predict_end(self, logs: Any = None) -> None:
        self._finish({})
