"""Configs of models travel to Keras and back, and list operations in Keras's order."""

from __future__ import annotations

import json
import os
import random
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import dl_layers
from dl_ops import backend_scope, ops, tree
from dl_ops.objects import deserialize_keras_object, serialize_keras_object
from dl_train import models

# Keras's arrays are of the older protocol; the rest of its warnings are not ours
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

OURS = (dl_layers.Input, dl_layers.Dense, models.Model, models.Sequential, ops)
KERAS = (keras.Input, keras.layers.Dense, keras.Model, keras.Sequential, keras.ops)

DATA = np.random.default_rng(0).standard_normal((2, 3, 4)).astype("float32")
# what Keras's newest versions add to configs, and what says nothing of the model
_IGNORED = {"quantization_config", "compile_config", "input_axes", "output_axes", "mask"}


def without_extras(config: Any) -> Any:
    if isinstance(config, dict):
        return {key: without_extras(value) for key, value in config.items() if key not in _IGNORED}
    return [without_extras(item) for item in config] if isinstance(config, list) else config


def plain(config: Any) -> Any:
    return json.loads(json.dumps(config))


def shared_layers(Input: Any, Dense: Any, Model: Any, Sequential: Any, ops: Any) -> tuple[Any, Any]:  # classes
    a, b = Input((4,), name="a"), Input((4,), name="b")
    d = Dense(4, name="d")
    x, y = d(a), d(b)
    z = 2.0 - (x + ops.add(x, y)) * 2.0
    parts = ops.concatenate([z[:, 1:3], y], axis=-1)
    outputs = {"s": ops.sum(parts, axis=[1], keepdims=True), "r": [ops.reshape(parts, (-1, 3, 2)), z[..., None, 0]]}
    return Model({"a": a, "b": b}, outputs, name="m"), {"a": DATA[0], "b": DATA[1]}


def many_ops(Input: Any, Dense: Any, Model: Any, Sequential: Any, ops: Any) -> tuple[Any, Any]:  # classes
    x = Input((4,), name="x")
    outputs = [
        ops.einsum("ij,kj->ik", x, x), ops.expand_dims(x, -1), ops.stack([x, x]), ops.max(x, axis=1),
        ops.cast(x, "int32"), ops.clip(x, 0.0, 1.0), ops.softmax(x, axis=-1), ops.split(x, 2, axis=1)[1],
        ops.relu(x) / 2, ops.matmul(x, ops.transpose(x)), ops.logsumexp(x, axis=-1), ops.tile(x, [1, 2]),
        ops.argmax(x, axis=-1), ops.var(x, axis=0), ops.normalize(x), ops.less_equal(x, 0.0), ops.repeat(x, 2, axis=1),
        *ops.top_k(x, 2), ops.flip(x, axis=1), ops.unstack(x, axis=1)[2], ops.gelu(x, approximate=False), -x, x**2,
        ops.where(x > 0, x, 0.0), ops.pad(x, [[0, 0], [1, 1]]), ops.one_hot(ops.cast(x, "int32"), 3), x[0],
    ]  # fmt: skip
    return Model(x, outputs, name="m"), DATA[0]


def nested(Input: Any, Dense: Any, Model: Any, Sequential: Any, ops: Any) -> tuple[Any, Any]:  # classes
    i, j = Input((4,), name="i"), Input((4,), name="j")
    inner = Sequential([Input((4,), name="k"), Dense(4, name="x")], name="inner")
    middle = Model([i, j], [Dense(2, name="o")(inner(inner(i)) + j), j], name="middle")
    p, q = Input((4,), name="p"), Input((4,), name="q")
    return Model([p, q], [middle([p, q])[0], middle([q, p])[1]], name="m"), [DATA[0], DATA[1]]


def sequential(Input: Any, Dense: Any, Model: Any, Sequential: Any, ops: Any) -> tuple[Any, Any]:  # classes
    return Sequential(
        [Input((4,), name="i"), Dense(3, activation="relu", name="a"), Dense(1, name="b")], name="m"
    ), DATA[0]


@pytest.mark.parametrize("make", [shared_layers, many_ops, nested, sequential])
def test_configs_travel_both_ways(make: Any) -> None:
    with backend_scope("numpy"):
        ours, data = make(*OURS)
        theirs, _ = make(*KERAS)
        our_config, their_config = (
            plain(serialize_keras_object(ours)),
            plain(keras.saving.serialize_keras_object(theirs)),
        )
        read_there = keras.saving.deserialize_keras_object(our_config)
        read_here = deserialize_keras_object(their_config)
        weights = theirs.get_weights()
        for model in (ours, read_there, read_here):
            model.set_weights(weights)
        expected = keras.tree.flatten(theirs(data))
        for model in (ours, read_there, read_here):
            for actual, reference in zip(tree.flatten(model(data)), expected, strict=True):
                np.testing.assert_allclose(np.asarray(actual), np.asarray(reference), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", [shared_layers, sequential])
def test_configs_are_the_same(make: Any) -> None:
    keras.utils.clear_session(free_memory=False)
    theirs = without_extras(plain(keras.saving.serialize_keras_object(make(*KERAS)[0])))
    with backend_scope("numpy"):
        ours = without_extras(plain(serialize_keras_object(make(*OURS)[0])))

    def without_numbers(config: Any) -> Any:
        """Automatic names count from different numbers."""
        text = json.dumps(config)
        for name in ("add", "subtract", "multiply", "get_item", "concatenate", "sum", "reshape"):
            for number in range(60, 0, -1):
                text = text.replace(f'"{name}_{number}"', f'"{name}"')
        return json.loads(text)

    assert without_numbers(ours) == without_numbers(theirs)


def random_graph(seed: int, Input: Any, Dense: Any, Model: Any) -> Any:  # classes
    draw = random.Random(seed)
    tensors = [Input((4,), name=f"in{i}") for i in range(draw.randint(1, 3))]
    inputs = list(tensors)
    shared = [Dense(4, name=f"shared{i}") for i in range(2)]
    for i in range(draw.randint(2, 10)):
        kind, x = draw.random(), draw.choice(tensors)
        if kind < 0.35:
            tensors.append(Dense(4, name=f"dense{i}")(x))
        elif kind < 0.6:
            tensors.append(draw.choice(shared)(x))
        else:
            tensors.append(x + draw.choice(tensors) if kind < 0.8 else x * 2)
    return Model(inputs, draw.sample(tensors, min(len(tensors), draw.randint(1, 3))))


@pytest.mark.parametrize("seed", range(60))
def test_operations_are_in_keras_order(seed: int) -> None:
    with backend_scope("numpy"):
        ours = random_graph(seed, *OURS[:3])
    theirs = random_graph(seed, *KERAS[:3])

    def kinds(model: Any) -> list[str]:
        return [o.name.split("_")[0] if type(o).__name__ != "Dense" else o.name for o in model.operations]

    assert kinds(ours) == kinds(theirs)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
