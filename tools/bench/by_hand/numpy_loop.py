"""Training by hand in NumPy: gradients written out, updates in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tools.bench.by_hand.loop import BETA_1, BETA_2, EPSILON, RATE, Loop
from tools.bench.by_hand.numpy_networks import FORWARD


def make(network: str, weights: Sequence[Any]) -> Loop:
    """Loop for a network."""
    forward, parameters = FORWARD[network], list(weights)
    means, squares = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    t, total, correct, count = 0, 0.0, 0, 0

    def reset() -> None:
        nonlocal total, correct, count
        total, correct, count = 0.0, 0, 0

    def step(x: Any, y: Any) -> None:
        nonlocal t, total, correct, count
        logits, backward = forward(parameters, x)
        shifted = logits - logits.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        sums = exponentials.sum(axis=1, keepdims=True)
        rows = np.arange(len(y))
        total += float((np.log(sums[:, 0]) - shifted[rows, y]).sum())
        correct += int((logits.argmax(axis=1) == y).sum())
        count += len(y)
        gradient = exponentials / sums
        gradient[rows, y] -= 1
        gradient /= len(y)
        t += 1
        scale = np.float32(RATE * np.sqrt(1 - BETA_2**t) / (1 - BETA_1**t))
        for p, g, m, v in zip(parameters, backward(gradient), means, squares, strict=True):
            m += (g - m) * (1 - BETA_1)
            v += (g * g - v) * (1 - BETA_2)
            p -= scale * m / (np.sqrt(v) + EPSILON)

    return Loop(
        call=lambda x: forward(parameters, x)[0],
        tensor=lambda x: x,
        predict=lambda x: forward(parameters, x)[0],
        step=step,
        numbers=lambda: (total / count, correct / count),
        reset=reset,
    )
