"""Options of formats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import Any


def check_options(format: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise a ``TypeError`` if there are options that a format does not have."""
    names = sorted(known)
    if unknown := sorted(given.keys() - set(names)):
        raise TypeError(
            f"export(format={format!r}) got unexpected arguments {', '.join(map(repr, unknown))}: expected "
            f"{', '.join(map(repr, names)) or 'none'}"
        )


def require(format: str, *packages: str) -> None:
    """Raise an ``ImportError`` that says what to install, if packages are not."""
    if missing := [package for package in packages if find_spec(package) is None]:
        raise ImportError(f"export(format={format!r}) needs {' and '.join(missing)}: pip install {' '.join(missing)}")
