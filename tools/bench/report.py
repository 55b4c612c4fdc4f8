"""Rows from one process to another, and the table of all of them."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version

from tools.bench.timing import Row

_MARK = "bench-row "
_PACKAGES = ("numpy", "jax", "torch", "tensorflow-cpu", "keras")


def emit(rows: Iterable[Row]) -> None:
    """Print rows for `parse`, each when it is there."""
    for row in rows:
        print(_MARK + json.dumps(row._asdict()), flush=True)


def parse(output: str) -> list[Row]:
    """Rows among the lines of a process's output."""
    lines = (line for line in output.splitlines() if line.startswith(_MARK))
    return [Row(**json.loads(line.removeprefix(_MARK))) for line in lines]


def machine() -> str:
    """Machine and versions, in one line."""
    versions = []
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return f"{platform.machine()}, Python {platform.python_version()}, {', '.join(versions)}"


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| work | bare | dl | Keras | dl / bare | Keras / bare | bound |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        times = row.microseconds
        cells = [f"{times[name]:,.1f}" if name in times else "" for name in ("bare", "dl", "keras")]
        compared = {name: value / times["bare"] for name, value in times.items() if row.ratios}
        ratios = [f"{compared[name]:.2f}" if name in compared else "" for name in ("dl", "keras")]
        lines.append(f"| {row.what} | {' | '.join((*cells, *ratios))} | {row.bound} |")
    return "\n".join(lines)
