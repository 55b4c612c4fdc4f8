"""An identity: what an op's results for any arguments have to do with those of others, or of other arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy

from dl_ops import tree
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope
from dl_ops.testing.checks import TOLERANCES, to_arrays, to_tensors


class Identity(NamedTuple):
    """Two ways to one result.

    Parameters
    ----------
    name : str
        What holds.
    arguments : strategy
        Draws the arguments, a tuple. NumPy arrays in it become tensors.
    sides : callable
        Both results of the arguments: structures of tensors, arrays or numbers.
    tolerance : float
        Factor on what is allowed in float64.
    """

    name: str
    arguments: SearchStrategy[tuple[Any, ...]]
    sides: Callable[..., tuple[Any, Any]]
    tolerance: float = 1.0

    def __str__(self) -> str:
        return self.name


def check_identity(identity: Identity, backend: Backend, *, examples: int) -> None:
    """Compare both sides of an identity for a number of drawn arguments."""

    @settings(max_examples=examples, deadline=None)
    @given(identity.arguments)
    def holds(arguments: tuple[Any, ...]) -> None:
        with backend.float64_scope(), backend_scope(backend), np.errstate(all="ignore"):
            left, right = identity.sides(*to_tensors(backend, arguments))
            found, expected = to_arrays(left), to_arrays(right)
        tolerance = identity.tolerance * TOLERANCES["float64"]
        for x, y in zip(tree.flatten(found), tree.flatten(expected), strict=True):
            np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance, strict=True, err_msg=identity.name)

    holds()
