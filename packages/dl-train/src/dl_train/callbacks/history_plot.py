"""The logs of all epochs as curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from dl_train.callbacks.bar import in_notebook
from dl_train.extras import require

_COLUMNS: Final = 3
_WIDTH, _HEIGHT = 4.0, 2.9
"""Inches of one diagram."""

_TRAINING, _VALIDATION = "#3b6fb6", "#e07b39"
"""Blue and orange, that are told apart by everybody, and in print."""

_DECADES: Final = 1.5
"""Powers of ten that positive values span before they are drawn on a logarithmic scale."""


def plot_history(rows: Sequence[dict[str, Any]], names: Sequence[str] | None = None) -> Any:
    """Curve of each log over the epochs, validation beside training.

    Parameters
    ----------
    rows : sequence of dict
        Logs of the epochs, with ``epoch``, counted from 0.
    names : sequence of str, optional
        Logs to draw, without ``val_``; by default all that are numbers.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are no epochs, or no such log.
    ImportError
        If matplotlib is not installed.
    """
    found = _names(rows)
    if not rows or not found:
        raise ValueError("History.plot(): there are no logs yet, train first")
    unknown = [name for name in names or () if name not in found]
    if unknown:
        raise ValueError(f"History.plot(names={list(names or ())}): there are {found}, not {unknown}")
    shown = list(names or found)
    columns = 2 if len(shown) == 2 * 2 else min(_COLUMNS, len(shown))
    lines = math.ceil(len(shown) / columns)
    figure = new_figure((_WIDTH * columns, _HEIGHT * lines), "History.plot()")
    diagrams = figure.subplots(lines, columns, squeeze=False).flatten()
    for diagram, name in zip(diagrams, shown, strict=False):
        _draw(diagram, rows, name)
    for diagram in diagrams[len(shown) :]:
        diagram.set_visible(False)
    for diagram in diagrams[max(len(shown) - columns, 0) : len(shown)]:
        diagram.set_xlabel("epoch")
    return figure


def new_figure(size: tuple[float, float], owner: str) -> Any:
    """Empty figure of matplotlib, of a size in inches.

    Raises
    ------
    ImportError
        If matplotlib is not installed: `owner` needs it.
    """
    pyplot = require("matplotlib.pyplot", owner, "plot")
    figure = pyplot.figure(figsize=size, layout="constrained")
    if in_notebook():
        # it shows what is returned; pyplot would show its own figures as well
        pyplot.close(figure)
    return figure


def quiet(diagram: Any) -> None:
    """Let a diagram's frame recede behind what it shows."""
    diagram.grid(True, color="#dddddd", linewidth=0.6)
    diagram.set_axisbelow(True)
    diagram.spines[["top", "right"]].set_visible(False)
    diagram.tick_params(labelsize=9, color="#888888")
    for side in ("left", "bottom"):
        diagram.spines[side].set_color("#888888")


def _names(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Names of the logs that are numbers, those of the validation without what they begin with."""
    numbers = (
        name for row in rows for name, value in row.items() if name != "epoch" and isinstance(value, (int, float))
    )
    return list(dict.fromkeys(name.removeprefix("val_") for name in numbers))


def _draw(diagram: Any, rows: Sequence[dict[str, Any]], name: str) -> None:
    drawn: list[float] = []
    for key, label, color in ((name, "training", _TRAINING), (f"val_{name}", "validation", _VALIDATION)):
        points = [(row["epoch"] + 1, float(row[key])) for row in rows if isinstance(row.get(key), (int, float))]
        if points:
            epochs, values = zip(*points, strict=True)
            few = len(points) <= 20
            diagram.plot(epochs, values, color=color, label=label, linewidth=1.8, marker="o" if few else "", ms=3.5)
            drawn += [value for value in values if math.isfinite(value)]
    diagram.set_title(name.replace("_", " "), fontsize=11, loc="left")
    if not drawn:
        diagram.text(0.5, 0.5, "not a number", transform=diagram.transAxes, ha="center", color="#888888")
    elif min(drawn) > 0 and math.log10(max(drawn) / min(drawn)) > _DECADES:
        diagram.set_yscale("log")
    if any(f"val_{name}" in row for row in rows):
        diagram.legend(frameon=False, fontsize=9)
    last = max(row["epoch"] for row in rows) + 1
    first = min(row["epoch"] for row in rows) + 1
    diagram.set_xlim(first - 0.5, last + 0.5) if first == last else diagram.margins(x=0.03)
    diagram.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    quiet(diagram)
