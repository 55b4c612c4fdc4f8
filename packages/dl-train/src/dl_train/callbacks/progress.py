"""What a loop shows of its progress."""

from __future__ import annotations

import time
from typing import Any

from dl_ops.objects import public
from dl_train.callbacks.base import Callback
from dl_train.callbacks.display import Display


@public("keras.callbacks.ProgbarLogger")
class ProgbarLogger(Callback):
    """Show progress, loss and metrics: a bar in a terminal or notebook, a line for each epoch elsewhere.

    Loops add one, unless they are called with ``verbose=0``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._display: Display | None = None
        self._due = float("inf")
        self._seen = 0
        self._length: int | None = None
        self._in_fit = False

    @property
    def _verbose(self) -> int:
        return int(self.params.get("verbose", 1))

    def _start(self) -> None:
        self._abort_display()
        self._seen = 0
        if not self._verbose:
            return
        self._display = Display(self.params.get("steps") or self._length, self._verbose)
        if self._display.moves:
            # the first step may take long, if it is compiled
            self._display.show(0, {})
        self._due = time.perf_counter() + self._display.interval

    def _step(self, batch: int, logs: Any) -> None:
        display = self._display
        if display is None:
            return
        if not self._seen:
            display.begin(batch + 1)
        self._seen = batch + 1
        if time.perf_counter() >= self._due:
            display.show(self._seen, logs)
            self._due = time.perf_counter() + display.interval

    def _finish(self, logs: Any) -> None:
        if self._display is not None:
            self._display.finish(self._seen, logs or {})
        self._display, self._due = None, float("inf")

    def _abort_display(self) -> None:
        if self._display is not None:
            self._display.abort()
        self._display, self._due = None, float("inf")

    def _abort(self) -> None:
        self._abort_display()
        self._in_fit, self._length = False, None

    def on_train_begin(self, logs: Any = None) -> None:
        self._in_fit, self._length = True, None

    def on_train_end(self, logs: Any = None) -> None:
        self._in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self._verbose and self.params.get("epochs", 1) > 1:
            print(f"Epoch {epoch + 1}/{self.params['epochs']}", flush=True)
        self._start()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        # the next epoch is as long, for all that is known
        self._length = self._seen
        self._finish(logs)

    def on_test_begin(self, logs: Any = None) -> None:
        if not self._in_fit:
            self._start()
        elif self._display is not None:
            self._display.rest(self._seen)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if not self._in_fit:
            self._step(batch, logs)
        elif time.perf_counter() >= self._due and self._display is not None:
            self._display.show(self._seen, {"validating": f"batch {batch + 1}"})
            self._due = time.perf_counter() + self._display.interval

    def on_test_end(self, logs: Any = None) -> None:
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        self._length = None
        self._start()

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step(batch, {})

    def on_predict_end(self, logs: Any = None) -> None:
        self._finish({})
