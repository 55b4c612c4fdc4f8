"""A count of what lists of variables depend on, by which their holders see that they are out of date."""

from __future__ import annotations

from typing import Final


class Changes:
    """Number of changes to where variables belong and which are trained: lists of them hold as long as it stays."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


changes: Final = Changes()
