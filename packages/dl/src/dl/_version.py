"""The version, which is stated in the package's metadata."""

from __future__ import annotations

from importlib.metadata import version as _installed
from typing import Final

__version__: Final = _installed("dl")


def version() -> str:
    """Version of `dl`, such as ``"0.2.0"``; each package below has its own, which ``dl info`` lists."""
    return __version__
