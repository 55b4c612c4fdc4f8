"""Counts of what is worked out once and kept depends on, by which its holders see that it is out of date."""

from __future__ import annotations

from typing import Final


class Changes:
    """Numbers of changes in this process."""

    __slots__ = ("count", "settings")

    def __init__(self) -> None:
        self.count = 0
        """To where variables belong and which are trained: lists of them hold as long as it stays."""
        self.settings = 0
        """To attributes of layers that are built, and to what holds for the process, such as the default float."""


changes: Final = Changes()
