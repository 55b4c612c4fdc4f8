"""Objects to save, shared by the tests: composite layers and what is no layer at all."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from dl_layers import Dense, Dropout
from dl_layers.layer import Layer
from dl_ops.objects import register_keras_serializable
from dl_ops.saveable import Saveable, save_variables
from dl_ops.variable import Variable


@register_keras_serializable("dl_saving_tests")
class Tower(Layer):
    """Dense layers one after the other, with dropout between, all attributes of one layer."""

    def __init__(self, widths: list[int], **options: Any) -> None:
        super().__init__(**options)
        self.widths = list(widths)
        self.blocks = [Dense(width, activation="tanh") for width in self.widths[:-1]]
        self.head = Dense(self.widths[-1])
        self.dropout = Dropout(0.5, seed=1)

    def build(self, input_shape: Any) -> None:
        for layer in (*self.blocks, self.head):
            layer.build(input_shape)
            input_shape = (*input_shape[:-1], layer.units)

    def call(self, x: Any) -> Any:
        for layer in self.blocks:
            x = self.dropout(layer(x))
        return self.head(x)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "widths": self.widths}


@register_keras_serializable("dl_saving_tests")
class Vocabulary(Layer):
    """Layer whose state is a file."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.words: list[str] = []

    def call(self, x: Any) -> Any:
        return x

    def save_assets(self, directory: str) -> None:
        os.mkdir(os.path.join(directory, "lists"))
        with open(os.path.join(directory, "lists", "words.txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(self.words))

    def load_assets(self, directory: str) -> None:
        with open(os.path.join(directory, "lists", "words.txt"), encoding="utf-8") as file:
            self.words = file.read().split("\n")


@register_keras_serializable("dl_saving_tests")
class Reader(Layer):
    """Layer with a layer that has assets."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.vocabulary = Vocabulary()
        self.dense = Dense(2)

    def build(self, input_shape: Any) -> None:
        self.dense.build(input_shape)

    def call(self, x: Any) -> Any:
        return self.dense(self.vocabulary(x))


class State(Saveable):
    """Variables and nothing else."""

    def __init__(self, **values: Any) -> None:
        self.name = "state"
        self.values = {name: Variable(value, name=name) for name, value in values.items()}

    def save_own_variables(self, store: Any) -> None:
        save_variables(list(self.values.values()), store)

    def load_own_variables(self, store: Any) -> None:
        # as users write it: one after the other, with no look at whether all of them fit
        for i, variable in enumerate(self.values.values()):
            variable.assign(store[str(i)])


class Group(Saveable):
    """Children by name."""

    def __init__(self, **children: Saveable) -> None:
        self.children = children

    def saved_children(self) -> dict[str, Any]:
        return self.children


def tower(widths: tuple[int, ...] = (4, 2), features: int = 3, seed: int = 0) -> Tower:
    """Built, with weights of a seed."""
    layer = Tower(list(widths), name="tower")
    layer.build((None, features))
    generator = np.random.default_rng(seed)
    for variable in layer.weights:
        variable.assign(generator.normal(size=variable.shape))
    return layer
