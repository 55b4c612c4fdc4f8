"""``dl info``: what is installed, and what is active."""

from __future__ import annotations

import platform
import re
import warnings
from importlib import metadata

from rich.console import Console

from dl.cli.tables import show_table
from dl_ops.backend import available_backends, backend_choice, current_backend, get_backend

# PyTorch has to be imported before TensorFlow where both share a process
_LOADED_FIRST = ("numpy", "jax", "torch", "tensorflow", "openvino")


def info() -> int:
    """Print the tables.

    Returns
    -------
    int
        1 if the active backend does not load.
    """
    console = Console()
    print(f"Python {platform.python_version()} on {platform.platform()}\n", file=console.file)
    show_table(console, "Packages", ("package", "version"), packages())
    active, why = active_backend()
    show_table(console, "Backends", ("backend", "framework", "devices", ""), backends(active))
    print(f"Active: {active} ({why})" if active else f"No backend is active: {why}", file=console.file)
    return 0 if active else 1


def packages() -> list[tuple[str, str]]:
    """Names and versions of `dl`, what it is made of and its extras, and of other backends that are installed."""
    names = {"dl"}
    names.update(re.split(r"[^\w-]", requirement)[0] for requirement in metadata.requires("dl") or ())
    names.update(point.dist.name for point in metadata.entry_points(group="dl.backends") if point.dist)
    return [(name, _version(name)) for name in sorted(names) if name == "dl" or name.startswith("dl-")]


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def active_backend() -> tuple[str, str]:
    """Name of the active backend and what decided it; an empty name and what is wrong, if it does not load."""
    with warnings.catch_warnings():
        # one that does not load is in the table, with the reason
        warnings.simplefilter("ignore")
        try:
            current_backend()
        except (ImportError, ValueError) as error:
            return "", str(error)
    choice = backend_choice()
    return choice.name, choice.reason


def backends(active: str) -> list[tuple[str, str, str, str]]:
    """For each installed backend its name, its framework's version, the devices, and whether it is active or broken."""
    first = [name for name in _LOADED_FIRST if name in available_backends()]
    rows = []
    for name in [*first, *(name for name in available_backends() if name not in first)]:
        try:
            backend = get_backend(name)
        except ImportError as error:
            rows.append((name, "", "", f"does not load: {error.__cause__ or error}"))
            continue
        notes = [
            note for note, holds in (("active", name == active), ("inference only", not backend.trainable)) if holds
        ]
        rows.append((name, backend.version, ", ".join(backend.devices()), ", ".join(notes)))
    return rows
