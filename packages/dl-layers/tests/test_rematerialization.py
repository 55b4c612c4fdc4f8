"""Layers that compute their outputs again for gradients: same values, same gradients, less kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dl_layers import Activation, BatchNormalization, Dense, Dropout, Embedding, Input, Layer
from dl_layers.layer import RematScope
from dl_layers.layer.rematerialization import current_remat_mode
from dl_ops import ops
from dl_ops.backend import Backend

X = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
MODES: list[dict[str, Any]] = [
    {},
    {"mode": "activations"},
    {"mode": "larger_than", "output_size_threshold": 10},
    {"mode": "larger_than", "output_size_threshold": 10**6},
    {"mode": "list_of_layers", "layer_names": ["first", "batch"]},
    {"mode": None},
]


class Network(Layer):
    """Layers of all kinds that matter here: with an activation, with state that a call assigns, with random numbers."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.parts = [
            Dense(5, activation="tanh", kernel_initializer="ones", name="first"),
            BatchNormalization(name="batch"),
            Activation("relu", activity_regularizer="l2"),
            Dropout(0.5, seed=3),
            Dense(1, kernel_initializer="ones"),
        ]

    def call(self, x: Any, training: bool | None = None) -> Any:
        for layer in self.parts:
            x = layer(x)
        return x


def outcome(backend: Backend, **options: Any) -> list[Any]:
    """Value, gradients and variables after a step of training in a scope of these options, or in none."""
    if options.pop("plain", False):
        network = Network()
    else:
        with RematScope(**options):
            network = Network()
    network(X)
    weights = network.trainable_variables

    def loss(x: Any) -> Any:
        return ops.sum(ops.square(network(x, training=True))) + ops.sum(ops.stack(network.losses))

    value, gradients = ops.value_and_grad(loss, weights)(backend.to_tensor(X))
    return [value, *gradients, *(v.value for v in network.non_trainable_variables)]


@pytest.mark.parametrize("options", MODES, ids=str)
def test_values_gradients_and_states_are_the_same(options: dict[str, Any], trainable_backend: Backend) -> None:
    expected = outcome(trainable_backend, plain=True)
    found = outcome(trainable_backend, **options)
    for x, y in zip(found, expected, strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(x), ops.convert_to_numpy(y), rtol=1e-5, atol=1e-6)


def test_symbolic_calls_and_inference(backend: Backend) -> None:
    with RematScope():
        layer = Dense(2, activation="relu")
        assert layer(Input((3,))).shape == (None, 2)
    plain = Dense(2, activation="relu")
    plain.build((None, 3))
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(ops.convert_to_numpy(layer(X)), ops.convert_to_numpy(plain(X)), rtol=1e-6)


class Counting(Layer):
    """Counts how often its call runs."""

    runs = 0

    def call(self, x: Any) -> Any:
        self.runs += 1
        return ops.tanh(x)


@pytest.mark.parametrize(
    ("options", "again"),
    [
        ({}, True),
        ({"mode": None}, False),
        ({"mode": "activations"}, False),
        ({"mode": "list_of_layers", "layer_names": ["counting"]}, True),
        ({"mode": "list_of_layers", "layer_names": ["other"]}, False),
        ({"mode": "list_of_layers"}, False),
        ({"mode": "larger_than", "output_size_threshold": 11}, True),
        ({"mode": "larger_than", "output_size_threshold": 12}, False),
    ],
    ids=str,
)
def test_what_is_computed_again(options: dict[str, Any], again: bool) -> None:
    from dl_ops.backend import backend_scope, get_backend

    with backend_scope("numpy"), RematScope(**options):
        layer = Counting(name="counting")
    with backend_scope("numpy"):
        layer(X)
        before = layer.runs
        ops.grad(lambda x: ops.sum(layer(x)))(get_backend("numpy").to_tensor(X))
    inferred = 1 if options.get("mode") == "larger_than" else 0
    assert layer.runs - before - inferred == (2 if again else 1)


def test_scopes_are_nested_and_end() -> None:
    assert current_remat_mode() is None
    scope = RematScope("larger_than", 5)
    with scope:
        assert current_remat_mode() == ("larger_than", 5, ())
        with RematScope(None), scope:
            assert current_remat_mode() == ("larger_than", 5, ())
        assert current_remat_mode() == ("larger_than", 5, ())
        layer = Dense(2)
    assert current_remat_mode() is None
    assert layer._remat_mode == ("larger_than", 5, ())
    assert Embedding(2, 2)._remat_mode is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "all"}, "mode='all'.*'full'"),
        ({"output_size_threshold": "many"}, "output_size_threshold='many'"),
        ({"output_size_threshold": True}, "output_size_threshold=True"),
        ({"layer_names": "dense"}, "layer_names='dense'"),
        ({"layer_names": [3]}, r"layer_names=\[3\]"),
    ],
    ids=str,
)
def test_misuses(options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        RematScope(**options)
