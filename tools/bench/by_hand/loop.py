"""What loops by hand have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np

RATE: Final = 1e-3
BETA_1: Final = 0.9
BETA_2: Final = 0.999
EPSILON: Final = 1e-7
LAYER_EPSILON: Final = 1e-6


def _cannot(*_: Any) -> Any:
    raise NotImplementedError("there is no loop by hand for this")


class Loop(NamedTuple):
    """A network in training: functions of batches of NumPy arrays, around a state of their own."""

    call: Callable[[Any], Any]
    """The framework's own tensor of outputs for its own tensor of inputs, as quick as the framework is."""

    tensor: Callable[[Any], Any]
    """The framework's own tensor for an array."""

    predict: Callable[[Any], Any]
    """Array of outputs for an array of inputs."""

    step: Callable[[Any, Any], object] = _cannot
    """Update the weights, and take loss and accuracy into running sums."""

    numbers: Callable[[], tuple[float, float]] = _cannot
    """Mean loss and accuracy since the last `reset`."""

    reset: Callable[[], object] = _cannot

    several: Callable[[Any, Any], object] = _cannot
    """As many steps as arguments have rows, in one call."""


def batches(x: Any, y: Any, size: int, *, shuffle: bool = True) -> Iterator[tuple[Any, Any]]:
    """Batches, in another order every time if they are to be shuffled."""
    if shuffle:
        order = np.random.default_rng().permutation(len(x))
        x, y = x[order], y[order]
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


def epoch(loop: Loop, data: Iterable[tuple[Any, Any]]) -> tuple[float, float]:
    """Train with all batches; mean loss and accuracy."""
    loop.reset()
    step = loop.step
    for x, y in data:
        step(x, y)
    return loop.numbers()


def epoch_in_groups(loop: Loop, data: Iterable[tuple[Any, Any]], size: int) -> tuple[float, float]:
    """Train with batches, a number of them in one call."""
    loop.reset()
    group: list[tuple[Any, Any]] = []
    for batch in data:
        group.append(batch)
        if len(group) == size:
            loop.several(np.stack([x for x, _ in group]), np.stack([y for _, y in group]))
            group = []
    for x, y in group:
        loop.step(x, y)
    return loop.numbers()


def predictions(loop: Loop, x: Any, size: int) -> Any:
    """Outputs for an array of any length, computed in batches."""
    predict = loop.predict
    return np.concatenate([predict(x[start : start + size]) for start in range(0, len(x), size)])
