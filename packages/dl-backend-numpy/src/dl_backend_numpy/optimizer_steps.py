"""Steps of optimizers without the intermediate arrays that formulas make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from dl_ops.backend.contract import OptimizerStep
from dl_ops.typing import Array

Arrays: TypeAlias = Sequence[Array]

_MOST_JOINED: Final = 8192
"""Elements of arrays that cost less to join than to treat one by one; more had better stay in the cache."""


def adam(
    values: Arrays,
    grads: Arrays,
    means: Arrays,
    squares: Arrays,
    largest: Arrays = (),
    *,
    size: Any,
    decay: Any,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> Sequence[Arrays] | None:
    """``value -= size * mean / (sqrt(square) + epsilon)``, with `largest` in the place of the square for AMSGrad."""
    columns = [values, grads, means, squares, *([largest] if largest else [])]
    if {type(x) for column in columns for x in column} != {np.ndarray}:
        return None

    def update(value: Array, grad: Array, mean: Array, square: Array, largest: Array | None = None) -> list[Array]:
        new_mean = grad - mean
        new_mean *= 1 - beta_1
        new_mean += mean
        new_square = grad * grad
        new_square -= square
        new_square *= 1 - beta_2
        new_square += square
        bound = new_square if largest is None else np.maximum(largest, new_square)
        scale = np.sqrt(bound)
        scale += epsilon
        change = new_mean * size
        change /= scale
        if decay:
            value = value - value * decay
        return [value - change, new_mean, new_square, *([] if largest is None else [bound])]

    if len(values) > 1 and sum([x.size for x in values]) <= _MOST_JOINED:
        joined = update(*[np.concatenate(column, axis=None) for column in columns])
        return [_parted(column, values) for column in joined]
    return list(zip(*[update(*row) for row in zip(*columns, strict=True)], strict=True))


def _parted(joined: Array, like: Arrays) -> Arrays:
    """Arrays of the shapes of others, from one with the elements of all."""
    parts = []
    end = 0
    for x in like:
        start, end = end, end + x.size
        part = joined[start:end]
        parts.append(part if x.ndim == 1 else part.reshape(x.shape))
    return parts


STEPS: Final[Mapping[str, OptimizerStep]] = {"adam": adam}
