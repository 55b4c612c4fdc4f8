"""Tables for a terminal, and plain columns for a pipe."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


def show_table(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table.

    Parameters
    ----------
    console : rich.console.Console
        If it is no terminal, columns are aligned by spaces and lines are as long as they are.
    title : str
    columns : sequence of str
    rows : sequence of sequence of str
    """
    if console.is_terminal:
        table = Table(*columns, title=title, title_justify="left")
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
        return
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (columns, *rows))
    print(f"{title}", *(line.rstrip() for line in lines), "", sep="\n", file=console.file)
