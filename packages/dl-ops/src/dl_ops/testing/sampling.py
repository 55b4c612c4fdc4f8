"""Which cases stand for all, where putting every case to every check takes too long."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import TypeVar

C = TypeVar("C")


def first_of_each(cases: Iterable[C], group: Callable[[C], object]) -> list[C]:
    """The first case of each group.

    Examples
    --------
    >>> first_of_each(["relu-zero", "relu-nan", "exp"], lambda case: case.partition("-")[0])
    ['relu-zero', 'exp']
    """
    found: dict[object, C] = {}
    for case in cases:
        found.setdefault(group(case), case)
    return list(found.values())


def in_sample(case: object, one_in: int) -> bool:
    """Whether a case is the one in so many that is checked: by its name, so the same every time.

    Examples
    --------
    >>> in_sample("relu-zero", 1)
    True
    >>> sum(in_sample(f"case {i}", 4) for i in range(1000))
    249
    """
    return zlib.crc32(str(case).encode()) % one_in == 0
