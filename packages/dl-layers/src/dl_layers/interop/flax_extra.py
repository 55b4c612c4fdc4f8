"""Flax, which is an extra."""

from __future__ import annotations

from importlib.util import find_spec


def require_flax(needed_by: str) -> None:
    """Raise an ``ImportError`` that says what to install, if Flax is not."""
    if find_spec("flax") is None:
        raise ImportError(f"{needed_by} needs flax: pip install 'dl-layers[flax]'")
