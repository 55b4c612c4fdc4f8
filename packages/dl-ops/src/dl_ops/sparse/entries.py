"""A sparse tensor in parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Entries(NamedTuple):
    """What a sparse tensor stores, in the order in which it does.

    Everything that is not stored is zero; what is stored more than once at a position counts as its sum.
    """

    columns: Sequence[Any]
    """For each axis an integer tensor, shape (entries,): where along it the entries are."""

    values: Any
    """Shape (entries,)."""

    sizes: Sequence[Any]
    """Size of each axis: an integer, or a scalar tensor where it is not known while a graph is built."""
