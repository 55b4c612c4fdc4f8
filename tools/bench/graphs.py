"""What building a model of many layers costs: the graph, and the graph with all weights drawn, which `dl` does when
they are first asked for.

A ResNet-50 without its head of a thousand classes, and a transformer of twelve blocks, by the same function over
`dl` and over Keras. "Bare" draws weights of the same shapes with the framework's own generator, and does nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from tools.bench.timing import Row, in_turn

_BOUND: Final = "a third of Keras's"


def resnet(library: Any) -> Any:
    """ResNet-50 for images of 224 by 224, with ten classes."""
    layers = library.layers

    def convolved(x: Any, filters: int, size: int, stride: int = 1) -> Any:
        x = layers.Conv2D(filters, size, strides=stride, padding="same")(x)
        return layers.BatchNormalization(epsilon=1.001e-5)(x)

    def block(x: Any, filters: int, stride: int, widens: bool) -> Any:
        shortcut = convolved(x, 4 * filters, 1, stride) if widens else x
        x = layers.Activation("relu")(convolved(x, filters, 1, stride))
        x = layers.Activation("relu")(convolved(x, filters, 3))
        x = layers.Add()([shortcut, convolved(x, 4 * filters, 1)])
        return layers.Activation("relu")(x)

    inputs = layers.Input((224, 224, 3))
    x = layers.Activation("relu")(convolved(inputs, 64, 7, 2))
    x = layers.MaxPooling2D(3, strides=2)(x)
    for filters, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for i in range(blocks):
            x = block(x, filters, stride if i == 0 else 1, i == 0)
    x = layers.GlobalAveragePooling2D()(x)
    return library.Model(inputs, layers.Dense(10)(x))


def transformer(library: Any, blocks: int = 12, width: int = 256, heads: int = 4) -> Any:
    """Encoder of tokens: attention and two dense layers in each block, with sums and normalization around them."""
    layers = library.layers
    inputs = layers.Input((None,), dtype="int32")
    x = layers.Embedding(1000, width)(inputs)
    for _ in range(blocks):
        attended = layers.MultiHeadAttention(heads, width // heads)(x, x)
        x = layers.LayerNormalization()(layers.Add()([x, attended]))
        hidden = layers.Dense(4 * width, activation="gelu")(x)
        x = layers.LayerNormalization()(layers.Add()([x, layers.Dense(width)(hidden)]))
    return library.Model(inputs, layers.Dense(1000)(x))


MODELS: Final[Mapping[str, Callable[..., Any]]] = {
    "ResNet-50": resnet,
    "transformer, 12 blocks of 256": transformer,
}


def _with_numpy(shapes: Sequence[tuple[int, ...]]) -> Any:
    generator = np.random.default_rng(0)
    return [generator.standard_normal(shape, np.float32) for shape in shapes]


def _with_jax(shapes: Sequence[tuple[int, ...]]) -> Any:
    import jax

    keys = jax.random.split(jax.random.key(0), len(shapes))
    arrays = [jax.random.normal(key, shape) for key, shape in zip(keys, shapes, strict=True)]
    return [x.block_until_ready() for x in arrays]


def _with_torch(shapes: Sequence[tuple[int, ...]]) -> Any:
    import torch

    return [torch.randn(shape) for shape in shapes]


def _with_tensorflow(shapes: Sequence[tuple[int, ...]]) -> Any:
    import tensorflow as tf

    return [tf.random.normal(shape) for shape in shapes]


_BARE: Final = {"numpy": _with_numpy, "jax": _with_jax, "torch": _with_torch, "tensorflow": _with_tensorflow}


def measure(backend: str) -> list[Row]:
    """Rows for one backend; Keras must have been told to use the same one."""
    import keras

    import dl

    dl.config.set_backend(backend)
    rows = []
    for name, model in MODELS.items():
        shapes = [tuple(w.shape) for w in model(dl).weights]
        assert shapes == [tuple(w.shape) for w in model(keras).weights]
        ways = {
            "bare": partial(_BARE[backend], shapes),
            "dl": partial(model, dl),
            "drawn": partial(_drawn, model),
            "keras": partial(model, keras),
        }
        times = in_turn(ways, calls=1, rounds=5)
        drawn = {**times, "dl": times.pop("drawn")}
        rows.append(Row(f"{backend}: building {name}", times, _BOUND))
        rows.append(Row(f"{backend}: building {name}, weights drawn", drawn, ""))
    return rows


def _drawn(model: Callable[[Any], Any]) -> Any:
    import dl

    return [weight.value for weight in model(dl).weights]


if __name__ == "__main__":
    from tools.bench.report import emit

    emit(measure(sys.argv[1]))
