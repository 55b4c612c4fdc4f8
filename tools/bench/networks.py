"""The networks that are trained, as a user of `dl` or Keras writes them, with data for each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

CLASSES: Final = 10
BATCH: Final = 32
HEADS: Final = 4
VOCABULARY: Final = 256
LENGTH: Final = 32


class Network(NamedTuple):
    """A network, what it is called in tables, and the shape of one example; of tokens if `tokens`."""

    title: str
    build: Callable[[Any], Any]
    """Model of a namespace, which is that of `dl` or Keras."""

    example: tuple[int, ...]
    tokens: bool = False


def _mlp(k: Any) -> Any:
    return k.Sequential([k.Input((32,)), k.layers.Dense(64, activation="relu"), k.layers.Dense(CLASSES)])


def _convolutional(k: Any) -> Any:
    model = k.Sequential([k.Input((32, 32, 3))])
    for filters in (16, 32, 64):
        model.add(k.layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(k.layers.MaxPooling2D())
    model.add(k.layers.Flatten())
    model.add(k.layers.Dense(CLASSES))
    return model


def _transformer(k: Any) -> Any:
    width = 64
    tokens = k.Input((LENGTH,), dtype="int32")
    x = k.layers.Embedding(VOCABULARY, width)(tokens)
    for _ in range(2):
        attended = k.layers.MultiHeadAttention(HEADS, width // HEADS)(x, x)
        x = k.layers.LayerNormalization(epsilon=1e-6)(k.layers.Add()([x, attended]))
        mixed = k.layers.Dense(width)(k.layers.Dense(2 * width, activation="relu")(x))
        x = k.layers.LayerNormalization(epsilon=1e-6)(k.layers.Add()([x, mixed]))
    return k.Model(tokens, k.layers.Dense(CLASSES)(k.layers.GlobalAveragePooling1D()(x)))


def _recurrent(k: Any) -> Any:
    return k.Sequential([k.Input((LENGTH, 32)), k.layers.LSTM(64), k.layers.Dense(CLASSES)])


NETWORKS: Final[Mapping[str, Network]] = {
    "mlp": Network("MLP 32-64-10", _mlp, (32,)),
    "convolutional": Network("3 x (convolution, pooling), 32 x 32 x 3", _convolutional, (32, 32, 3)),
    "transformer": Network("transformer, 2 blocks of 64, 32 tokens", _transformer, (LENGTH,), tokens=True),
    "recurrent": Network("LSTM 64, 32 steps of 32", _recurrent, (LENGTH, 32)),
}


def data(name: str, count: int) -> tuple[Any, Any]:
    """Examples for a network, and their labels."""
    network, generator = NETWORKS[name], np.random.default_rng(0)
    shape = (count, *network.example)
    x: Any = (
        generator.integers(0, VOCABULARY, shape).astype("int32")
        if network.tokens
        else generator.standard_normal(shape, dtype="float32")
    )
    return x, generator.integers(0, CLASSES, count).astype("int32")


def compiled(name: str, namespace: Any, weights: Any = None, **options: Any) -> Any:
    """A network of `dl` or Keras, ready to be trained, with initial weights if they are given; options of `compile`."""
    model = NETWORKS[name].build(namespace)
    if weights is not None:
        model.set_weights(weights)
    model.compile(
        optimizer=namespace.optimizers.Adam(),
        loss=namespace.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        **options,
    )
    return model
