"""One seed, one result: to the last bit, on every backend that trains."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import dl
from dl_ops.backend import Backend
from dl_ops.testing.pytest_backends import backends_under_test

X = np.random.default_rng(0).normal(size=(24, 8, 8, 1)).astype("float32")
Y = np.arange(24) % 3


def network() -> Any:
    layers = dl.layers
    return dl.Sequential(
        [
            dl.Input((8, 8, 1)),
            layers.GaussianNoise(0.1),
            layers.Conv2D(4, 3, activation="gelu"),
            layers.BatchNormalization(),
            layers.SpatialDropout2D(0.2),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(3, kernel_regularizer="l2"),
        ]
    )


def train(model: Any) -> list[bytes]:
    loss = dl.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(dl.optimizers.Adam(0.01), loss)
    history = model.fit(X, Y, batch_size=8, epochs=2, validation_split=0.25, verbose=0).history
    return [
        *(weight.tobytes() for weight in model.get_weights()),
        np.array([history["loss"], history["val_loss"]]).tobytes(),
    ]


def test_two_trainings_are_equal_bit_for_bit(trainable_backend: Backend) -> None:
    initial, trained = [], []
    for seed in (7, 7, 8):
        dl.utils.set_random_seed(seed)
        model = network()
        initial.append(model.get_weights()[0].tobytes())
        if seed == 7:
            trained.append(train(model))
    assert initial[0] == initial[1] != initial[2]
    assert trained[0] == trained[1]
    assert trained[0][0] != initial[0]


# a layer of the user's own that draws from its framework's own generator
OWN: dict[str, Callable[[Any, Any], Any]] = {
    "torch": lambda torch, x: torch.rand(x.shape),
    "tensorflow": lambda tf, x: tf.random.uniform(x.shape),
    "numpy": lambda np, x: np.random.rand(*x.shape),
}


@pytest.mark.parametrize("framework", [name for name in OWN if name in backends_under_test()])
def test_frameworks_own_generators_are_seeded(framework: str) -> None:
    module = import_module(framework)

    class Noise(dl.layers.Layer):
        def call(self, x: Any) -> Any:
            return x + OWN[framework](module, x)

    def outputs(seed: int) -> Any:
        dl.utils.set_random_seed(seed)
        return Noise()(dl.ops.zeros((2, 5))), Noise()(dl.ops.zeros((2, 5)))

    with dl.backend_scope(framework):
        first, second, other = ([dl.ops.convert_to_numpy(x).tolist() for x in outputs(seed)] for seed in (3, 3, 4))
    assert first == second
    assert first != other
    assert first[0] != first[1]


PROGRAM = """
import dl
dl.utils.set_random_seed(5)
dl.config.enable_determinism()
with dl.backend_scope({backend!r}):
    model = dl.Sequential([dl.Input((3,)), dl.layers.Dense(4), dl.layers.Dropout(0.5), dl.layers.Dense(1)])
    model.compile("adam", "mse")
    x = dl.random.normal((16, 3))
    model.fit(x, dl.ops.sum(x, 1, keepdims=True), batch_size=4, epochs=2, verbose=0)
    print([weight.tobytes().hex() for weight in model.get_weights()])
    {own}
"""

# drawn after the framework has been loaded, which is after the seed was set
DRAWN = {
    "torch": "import torch; print(torch.rand(3).tolist(), torch.are_deterministic_algorithms_enabled())",
    "tensorflow": "import tensorflow as tf; print(tf.random.uniform((3,)).numpy().tolist())",
}


def test_two_processes_are_equal_bit_for_bit(trainable_backend: Backend) -> None:
    name = trainable_backend.name
    program = PROGRAM.format(backend=name, own=DRAWN.get(name, "pass"))
    outputs = {
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=300, text=True).stdout
        for _ in range(2)
    }
    assert len(outputs) == 1
    text = outputs.pop()
    assert len(text) > 100
    if name == "torch":
        assert text.endswith("True\n")
