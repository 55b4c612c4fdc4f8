"""Three epochs of `fit` on a small network, beside a loop written by hand that does the same work.

MLP 64-64-10, batch 32, Adam, sparse categorical cross-entropy from logits, accuracy; 3,200 examples, shuffled every
epoch. The loop by hand shuffles, slices, computes loss, gradients, the update and the accuracy, and looks at loss
and accuracy once an epoch, as `fit` does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from tools.bench import by_hand
from tools.bench.timing import Row, in_turn

EPOCHS = 3
EXAMPLES, FEATURES, HIDDEN, CLASSES, BATCH = 3200, 64, 64, 10, 32
STEPS = EXAMPLES // BATCH
_BOUNDS = {"numpy": "4", "jax": "1.2", "torch": "1.6", "tensorflow": ""}


def data() -> tuple[Any, Any]:
    """Examples and labels."""
    generator = np.random.default_rng(0)
    x = generator.standard_normal((EXAMPLES, FEATURES)).astype("float32")
    return x, generator.integers(0, CLASSES, EXAMPLES).astype("int32")


def fit_with(framework: Any, x: Any, y: Any) -> Callable[[], object]:
    """Function that runs `fit` for some epochs; `framework` is dl or Keras."""
    layers = framework.layers
    model = framework.Sequential(
        [framework.Input((FEATURES,)), layers.Dense(HIDDEN, activation="relu"), layers.Dense(CLASSES)]
    )
    model.compile(
        optimizer=framework.optimizers.Adam(),
        loss=framework.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return lambda: model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)


def repeat(epoch: Callable[[], object]) -> None:
    """Run the loop by hand for as many epochs."""
    for _ in range(EPOCHS):
        epoch()


def measure(backend: str) -> list[Row]:
    """One row for a backend; Keras must have been told to use the same one. On NumPy Keras does not train."""
    import keras

    import dl

    dl.config.set_backend(backend)
    x, y = data()
    ways: dict[str, Callable[[], object]] = {
        "bare": partial(repeat, by_hand.epoch(backend, x, y, batch=BATCH, hidden=HIDDEN, classes=CLASSES)),
        "dl": fit_with(dl, x, y),
    }
    if backend != "numpy":
        ways["keras"] = fit_with(keras, x, y)
    times = {name: value / STEPS / EPOCHS for name, value in in_turn(ways, calls=1, rounds=21).items()}
    return [Row(f"{backend}: fit, MLP 64-64-10, one step", times, _BOUNDS[backend])]


if __name__ == "__main__":
    from tools.bench.report import emit

    emit(measure(sys.argv[1]))
