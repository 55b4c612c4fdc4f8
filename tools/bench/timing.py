"""Timing several ways of doing the same work against each other."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One line of a table: what was measured, in microseconds by way of doing it unless it says another unit, and the
    bound on the ratio to the bare one.
    """

    what: str
    microseconds: dict[str, float]
    bound: str = ""
    ratios: bool = True
    """Whether they mean something."""


def undisturbed(timings: Sequence[float]) -> float:
    """What a tenth of timings stay below: on a machine with other work to do, those that met none of it.

    The smallest may be luck, such as a moment in which the processor's clock was higher.
    """
    return statistics.quantiles(timings, n=10, method="inclusive")[0]


def in_turn(
    ways: Mapping[str, Callable[[], object]],
    *,
    calls: int,
    rounds: int = 9,
    of: Callable[[Sequence[float]], float] = statistics.median,
) -> dict[str, float]:
    """Median microseconds a call of each way, timed in turn so that a change of the machine's speed meets all of them.

    The order is another one in each round: whoever always comes after the same way finds what that has left behind, and
    a step of JAX's takes a third longer after one way than after another.

    Parameters
    ----------
    ways : mapping from name to function
    calls : int
        In one timing.
    rounds : int
        Timings of each, after one to warm up.
    of : callable, default the median
        What is taken of a way's timings; the smallest, where what is left of a difference of two counts, `undisturbed`
        where a few percent do.
    """
    timings: dict[str, list[float]] = {name: [] for name in ways}
    generator = random.Random(0)
    for round_number in range(rounds + 1):
        for name in generator.sample(list(ways), len(ways)):
            function = ways[name]
            start = time.perf_counter()
            for _ in range(calls):
                function()
            if round_number:
                timings[name].append((time.perf_counter() - start) / calls * 1e6)
    return {name: of(values) for name, values in timings.items()}
