"""The logs of all epochs as a table."""

from __future__ import annotations

import importlib
from typing import Any

from dl_train.callbacks.display import format_value


class Table(list[dict[str, Any]]):
    """Rows, each from the names of columns to values; shown, it is a table.

    Examples
    --------
    >>> Table([{"epoch": 0, "loss": 0.5}, {"epoch": 1, "loss": 0.25, "val_loss": 0.5}])
    epoch    loss  val_loss
    ───────────────────────
        0  0.5000
        1  0.2500    0.5000
    """

    def __repr__(self) -> str:
        names = list(dict.fromkeys(name for row in self for name in row))
        cells = [names, *([_cell(row.get(name)) for name in names] for row in self)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        head, *body = ["  ".join(map(str.rjust, row, widths)).rstrip() for row in cells]
        return "\n".join([head, "─" * (sum(widths) + 2 * len(widths) - 2), *body])

    __str__ = __repr__


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else format_value(value)


def table_of(rows: list[dict[str, Any]]) -> Any:
    """Table of rows: a data frame, if pandas is installed."""
    try:
        pandas = importlib.import_module("pandas")
    except ModuleNotFoundError:
        return Table(dict(row) for row in rows)
    columns = list(dict.fromkeys(["epoch", *(name for row in rows for name in row)]))
    return pandas.DataFrame(rows, columns=columns).set_index("epoch")
