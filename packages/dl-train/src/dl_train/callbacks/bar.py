"""One line of progress that moves, in terminals and notebooks."""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from rich.text import Text

_FULL, _HALF, _REST = "━", "╸", "━"
_FRONT, _BACK = "green", "bright_black"
_LEAST: Final = 5
"""Cells below which a bar says nothing."""

_NOTEBOOK: Final = 100
"""Characters of a line in a notebook."""

_PULSE: Final = 6
"""Cells of the part that moves where the number of steps is unknown."""

Part = tuple[str, str]
"""Text, and the style that rich draws it in."""


@dataclass(frozen=True)
class State:
    """What a line of progress shows.

    Parameters
    ----------
    done : int
        Number of steps.
    total : int or None
        Number of steps in all, if it is known.
    when : str
        Time that has passed, or is left.
    pace : str
        Time of a step.
    logs : sequence of str
        In the order of importance: where there is no room, the last ones are left out.
    """

    done: int
    total: int | None
    when: str
    pace: str
    logs: Sequence[str]

    @property
    def count(self) -> str:
        """Text of the numbers of steps, as wide at the beginning as at the end."""
        if self.total is None:
            return str(self.done)
        return f"{self.done:>{len(str(self.total))}}/{self.total}"

    def cells(self, width: int) -> list[Part]:
        """The bar, in so many cells."""
        if width <= 0:
            return []
        if self.total is None:
            size = min(_PULSE, width)
            at = self.done % (2 * (width - size) or 1)
            at = min(at, 2 * (width - size) - at) if width > size else 0
            return [(_REST * at, _BACK), (_FULL * size, _FRONT), (_REST * (width - size - at), _BACK)]
        halves = math.floor(2 * width * min(self.done / self.total, 1.0)) if self.total else 2 * width
        done = _FULL * (halves // 2) + (_HALF if halves % 2 else "")
        return [(done, _FRONT), (_REST * (width - len(done)), _BACK)]


def line(state: State, bar: int, width: int, *, whole: bool = False) -> list[Part]:
    """Parts of a line: what does not fit is left out, first the bar, then the pace, then logs from the end.

    Parameters
    ----------
    state : State
    bar : int
        Cells of the bar.
    width : int
        Characters of the line.
    whole : bool, default False
        Whether all is shown but the bar, even if it takes several lines.

    Returns
    -------
    list of pairs of str
        Texts and styles.

    Examples
    --------
    >>> state = State(3, 4, "0s", "2ms/step", ["loss: 0.5000", "mae: 0.1000"])
    >>> "".join(text for text, style in line(state, 8, 80))
    '3/4 ━━━━━━━━ 0s 2ms/step - loss: 0.5000 - mae: 0.1000'
    >>> "".join(text for text, style in line(state, 8, 30))
    '3/4 0s - loss: 0.5000 …'
    """
    logs = [f" - {log}" for log in state.logs]
    timing = [text for text in (state.when, state.pace) if text]
    room = width - len(state.count) - sum(len(text) + 1 for text in timing) - sum(map(len, logs))
    bar = bar if room > bar else room - 1 if room > _LEAST else 0
    if room < 0 and state.pace and not whole:
        timing.pop()
        room += len(state.pace) + 1
    if room < 0 and not whole:
        logs = _that_fit(logs, room + sum(map(len, logs)) - 2)
    parts: list[Part] = [(state.count, "bold")]
    if bar:
        parts += [(" ", ""), *state.cells(bar)]
    return [*parts, *((f" {text}", "cyan") for text in timing), ("".join(logs), "")]


def _that_fit(texts: Iterable[str], room: int) -> list[str]:
    if room < 0:
        return []
    kept: list[str] = []
    for text in texts:
        room -= len(text)
        if room < 0:
            break
        kept.append(text)
    return [*kept, " …"]


class Bar(Protocol):
    """A line that is drawn again and again."""

    def show(self, state: State) -> None:
        """Draw a state in the place of the one before."""

    def stop(self) -> None:
        """Take the line away and leave the terminal in order."""

    def print(self, state: State) -> None:
        """Leave a line that stays."""


def _text(parts: Iterable[Part], **options: Any) -> Text:
    from rich.text import Text

    return Text.assemble(*parts, **options)


class LiveBar:
    """Bar below everything that is printed while it is there; who starts it must stop it.

    Parameters
    ----------
    width : int
        Cells of the bar.
    """

    def __init__(self, width: int) -> None:
        from rich.console import Console
        from rich.live import Live

        self._width = width
        self._console = Console(file=sys.stdout, highlight=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._live.start()

    def show(self, state: State) -> None:
        """Draw a state in the place of the one before."""
        # a full last column would make some terminals wrap
        parts = line(state, self._width, self._console.width - 1)
        self._live.update(_text(parts, no_wrap=True, overflow="crop"), refresh=True)

    def stop(self) -> None:
        """Take the line away and leave the terminal in order."""
        self._live.stop()

    def print(self, state: State) -> None:
        """Leave a line that stays."""
        parts = line(state, self._width, self._console.width, whole=True)
        self._console.print(_text(parts), soft_wrap=True)


class LineBar:
    """Bar in the last line, that leaves the terminal as it is and needs not be stopped.

    Parameters
    ----------
    width : int
        Cells of the bar.
    columns : int, optional
        Characters of the line, by default those of the terminal.
    colors : bool, default True
    """

    def __init__(self, width: int, columns: int | None = None, colors: bool = True) -> None:
        self._width, self._columns, self._shown = width, columns, 0
        self._console: Any = None
        if colors:
            from rich.console import Console

            self._console = Console(file=sys.stdout, highlight=False)

    def show(self, state: State) -> None:
        """Draw a state in the place of the one before."""
        self._write(line(state, self._width, self._room))

    @property
    def _room(self) -> int:
        # a full last column would make some terminals wrap
        return self._columns or shutil.get_terminal_size().columns - 1

    def _write(self, parts: Sequence[Part]) -> None:
        length = sum(len(text) for text, _ in parts)
        sys.stdout.write("\r" + self._painted(parts) + " " * (self._shown - length))
        sys.stdout.flush()
        self._shown = length

    def _painted(self, parts: Sequence[Part]) -> str:
        if self._console is None:
            return "".join(text for text, _ in parts)
        with self._console.capture() as capture:
            self._console.print(_text(parts), end="", soft_wrap=True)
        return str(capture.get())

    def stop(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stdout.write("\r" + " " * self._shown + "\r")
        self._shown = 0

    def print(self, state: State) -> None:
        """Leave a line that stays."""
        sys.stdout.write(self._painted(line(state, self._width, self._room, whole=True)) + "\n")
        sys.stdout.flush()


def make_bar(width: int, *, live: bool) -> Bar | None:
    """Bar for where the program runs; ``None`` where nothing can move.

    Parameters
    ----------
    width : int
        Cells of the bar.
    live : bool
        Whether it may take the terminal over, since it will certainly be stopped.
    """
    if in_notebook():
        return LineBar(width, _NOTEBOOK, colors=False)
    if not _is_terminal(sys.stdout) or os.environ.get("TERM") == "dumb":
        return None
    return LiveBar(width) if live else LineBar(width)


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # no stream, or a closed one
        return False


def in_notebook() -> bool:
    """Whether the program runs in a notebook, which shows what is returned."""
    module: Any = sys.modules.get("IPython")
    shell = None if module is None else module.get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None
