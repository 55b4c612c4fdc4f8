"""Training loops written by hand, one for each framework, that do the work of `fit` on the same networks."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from tools.bench.by_hand.loop import Loop


def make(backend: str, network: str, weights: Sequence[Any]) -> Loop:
    """Loop for a network with such initial weights, in the order that the model of `dl` has them."""
    module = import_module(f"tools.bench.by_hand.{backend}_loop")
    return module.make(network, [w.copy() for w in weights])  # type: ignore[no-any-return]  # one in each of the modules
