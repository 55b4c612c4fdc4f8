"""Progress of a loop in a terminal, a notebook or a log."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from dl_ops.config import is_interactive_logging_enabled
from dl_train.callbacks.bar import Bar, State, make_bar

_INTERVAL: Final = 0.25
"""Seconds between two looks at the numbers, which wait for the device."""

_LINE_INTERVAL: Final = 30.0
"""The same where each look makes a line."""

_SHARE: Final = 50.0
"""At most one part in so many of the time goes to looking."""


def format_value(value: Any) -> str:
    """Number with four digits."""
    if isinstance(value, str):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return f"{number:.4f}" if abs(number) >= 1e-3 or number == 0 else f"{number:.4e}"


def texts(logs: Mapping[str, Any]) -> list[str]:
    """Names and values: ``["loss: 0.5000", "mae: 0.1000"]``."""
    return [f"{name}: {format_value(value)}" for name, value in logs.items()]


def format_time(seconds: float) -> str:
    """Duration: ``"5s"``, ``"1:05"``, ``"2:00:00"``."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if whole >= 60 else f"{whole}s"


def format_step(seconds: float, unit: str = "step") -> str:
    """Duration of a step: ``"3ms/step"``."""
    if seconds >= 1:
        return f"{seconds:.0f}s/{unit}"
    return f"{seconds * 1e3:.0f}ms/{unit}" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us/{unit}"


class Display:
    """Progress of one loop: a bar where something can move, lines elsewhere.

    Parameters
    ----------
    total : int, optional
        Number of steps, if it is known.
    verbose : {1, 2}
        A bar, or a line at the end.
    width : int, default 20
        Cells of the bar.
    unit : str, default "step"
        What a step is called.
    live : bool, default True
        Whether a bar may take the terminal over, as `finish` or `abort` will certainly be called.
    """

    _live: ClassVar[Display | None] = None
    """The one that has taken the terminal over: there is room for one."""

    def __init__(
        self, total: int | None, verbose: int, width: int = 20, unit: str = "step", *, live: bool = True
    ) -> None:
        self.total, self._verbose, self._unit = total or None, verbose, unit
        self._begin = time.perf_counter()
        self._first: tuple[int, float] | None = None
        self._last: State | None = None
        self._bar: Bar | None = None
        self._pause = 0.0
        self._pace: float | None = None
        if verbose == 1 and Display._live is None and is_interactive_logging_enabled():
            self._bar = make_bar(width, live=live)
            if live and self._bar is not None:
                Display._live = self

    @property
    def interval(self) -> float:
        """Seconds to wait before the next look, so that looking takes a small part of the time."""
        return max(_INTERVAL if self._bar is not None else _LINE_INTERVAL, self._pause)

    @property
    def moves(self) -> bool:
        """Whether it is a bar."""
        return self._bar is not None

    def begin(self, done: int) -> None:
        """Time steps from here, after the first `done`: what had to be compiled is compiled."""
        self._first = (done, time.perf_counter())

    def rest(self, done: int) -> None:
        """Time no steps from here on, after `done`: something else is done now."""
        self._pace = self._seconds_of_step(done)

    def show(self, done: int, logs: Mapping[str, Any]) -> None:
        """Show the state after `done` steps."""
        begin = time.perf_counter()
        if self._bar is not None:
            self._last = self._state(done, logs, left=True)
            self._bar.show(self._last)
        elif self._verbose == 1:
            self._line(done, self.total, logs)
        self._pause = _SHARE * (time.perf_counter() - begin)

    def finish(self, done: int, logs: Mapping[str, Any]) -> None:
        """Show the final state."""
        bar = self._bar
        self._stop()
        if bar is not None:
            self.total = self.total or done
            bar.print(self._state(done, logs))
        else:
            self._line(done, self.total or done, logs)

    def abort(self) -> None:
        """Leave the terminal in order, with the last state that was shown, whatever happened."""
        bar, last = self._bar, self._last
        self._stop()
        if bar is not None and last is not None and last.done:
            bar.print(last)

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        if Display._live is self:
            Display._live = None

    def _seconds_of_step(self, done: int) -> float:
        if self._pace is not None:
            return self._pace
        since, steps = self._begin, done
        if self._first is not None and done > self._first[0]:
            # without the first one, which may have been compiled
            since, steps = self._first[1], done - self._first[0]
        return (time.perf_counter() - since) / max(steps, 1)

    def _state(self, done: int, logs: Mapping[str, Any], left: bool = False) -> State:
        if not done:
            return State(0, self.total, "", "", [])
        total = None if self.total is None else max(self.total, done)
        step = self._seconds_of_step(done)
        if left and total is not None and self._pace is None:
            when = f"{format_time(step * (total - done))} left"
        else:
            when = format_time(time.perf_counter() - self._begin)
        return State(done, total, when, format_step(step, self._unit), texts(logs))

    def _line(self, done: int, total: int | None, logs: Mapping[str, Any]) -> None:
        elapsed, step = time.perf_counter() - self._begin, self._seconds_of_step(done)
        count = f"{done}" if total is None else f"{done}/{max(total, done)}"
        parts = [count, format_time(elapsed), format_step(step, self._unit), *texts(logs)]
        print(" - ".join(parts), flush=True)
