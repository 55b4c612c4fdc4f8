"""Plausible mistakes with recurrent layers and layers around layers: the error names the layer, the argument, what
came and what was expected.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers import Input
from dl_layers.testing import Recipe
from dl_ops.backend import Backend

LAYERS = ("SimpleRNN", "GRU", "LSTM")
CELLS = tuple(f"{layer}Cell" for layer in LAYERS)
STATES = {"SimpleRNN": 1, "GRU": 1, "LSTM": 2}


def ones(*shape: int) -> Any:
    return np.ones(shape, "float32")


def lstm(**options: Any) -> Recipe:
    return Recipe("LSTM", units=2, **options)


# layer, options, what the message has
OPTIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    *(
        (name, {"units": value}, [name, f"units={value!r}", "positive integer"])
        for name in (*LAYERS, *CELLS)
        for value in (0, -1, 2.0, True, "3")
    ),
    *(
        (name, {"units": 2, option: value}, [name, f"{option}={value!r}", "between 0 and 1"])
        for name in (*LAYERS, *CELLS)
        for option in ("dropout", "recurrent_dropout")
        for value in (-0.1, 1.5, "half")
    ),
    *(
        (name, {"units": 2, option: "nonsense"}, ["nonsense", f"unknown {kind}"])
        for name in (*LAYERS, *CELLS)
        for option, kind in (
            ("activation", "activation"),
            ("recurrent_initializer", "initializer"),
            ("recurrent_regularizer", "regularizer"),
            ("recurrent_constraint", "constraint"),
        )
    ),
    *((name, {"units": 2, "use_cudnn": value}, [f"{name}(use_cudnn={value!r})", "auto"])
      for name in ("GRU", "LSTM") for value in ("yes", 1, None)),
    *((name, {"units": 2, "use_cudnn": True, "activation": "relu"}, [f"{name}(use_cudnn=True)", "tanh"])
      for name in ("GRU", "LSTM")),
    *((name, {"units": 2, "use_cudnn": True, "recurrent_dropout": 0.5}, [f"{name}(use_cudnn=True)", "recurrent_d"])
      for name in ("GRU", "LSTM")),
    ("RNN", {"cell": 3}, ["RNN(cell=3)", "'call'"]),
    ("RNN", {"cell": Recipe("Dense", units=2)}, ["RNN(cell=", "'state_size'"]),
    ("StackedRNNCells", {"cells": []}, ["StackedRNNCells(cells=[])", "list of cells"]),
    ("StackedRNNCells", {"cells": Recipe("GRUCell", units=2)}, ["StackedRNNCells(cells=", "list of cells"]),
    ("StackedRNNCells", {"cells": [3]}, ["StackedRNNCells(cells=3)", "'call'"]),
    ("Wrapper", {"layer": 3}, ["Wrapper(layer=3)", "must be a layer"]),
    ("TimeDistributed", {"layer": "dense"}, ["TimeDistributed(layer='dense')", "must be a layer"]),
    ("Bidirectional", {"layer": None}, ["Bidirectional(layer=None)", "must be a layer"]),
    ("Bidirectional", {"layer": Recipe("Dense", units=2)}, ["Bidirectional(layer=", "return_sequences"]),
    ("Bidirectional", {"layer": lstm(), "merge_mode": "add"}, ["Bidirectional(merge_mode='add')", "'concat'", "None"]),
    ("Bidirectional", {"layer": lstm(), "backward_layer": lstm()}, ["Bidirectional", "go_backwards=False"]),
    (
        "Bidirectional",
        {"layer": lstm(), "backward_layer": lstm(go_backwards=True, return_sequences=True)},
        ["Bidirectional", "return_sequences", "False", "True"],
    ),
]  # fmt: skip


def label(x: Any) -> str | None:
    if isinstance(x, dict):
        return ",".join(f"{name}={getattr(value, 'name', value)}" for name, value in x.items())
    return x if isinstance(x, str) else ""


@pytest.mark.parametrize(("layer", "options", "parts"), OPTIONS, ids=label)
def test_wrong_options(layer: str, options: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        Recipe(layer, **options).make(dl_layers)
    for part in parts:
        assert part in str(caught.value), f"{part!r} is not in {str(caught.value)!r}"


# layer, positional inputs, keyword inputs, what the message has besides the layer's name
CALLS: list[tuple[Recipe, list[Any], dict[str, Any], list[str]]] = [
    *(
        (Recipe(name, units=2, **more), *call)
        for name in LAYERS
        for more in ({}, {"activation": "relu"})
        for call in (
            ([ones(2, 3)], {}, ["ndim=3", "(2, 3)"]),
            ([Input((3, None))], {}, ["known size"]),
            ([ones(2, 3, 4)], {"mask": np.ones((2, 4), bool)}, ["mask", "(2, 4)", "(2, 3"]),
            ([ones(2, 3, 4)], {"mask": np.ones((2, 3, 1), bool)}, ["mask", "(2, 3, 1)"]),
            ([ones(2, 3, 4)], {"initial_state": [ones(2, 2)] * 3}, ["initial_state", "got 3", str(STATES[name])]),
            ([ones(2, 3, 4)], {"initial_state": [ones(2, 3)] * STATES[name]}, ["initial_state", "(2, 3)", "(2, 2)"]),
            ([ones(2, 3, 4)], {"initial_state": [ones(3, 2)] * STATES[name]}, ["initial_state", "(3, 2)", "(2, 2)"]),
        )
    ),
    *((Recipe(name, units=2, stateful=True), [Input((3, 2))], {}, ["stateful", "batch size"]) for name in LAYERS),
    *((Recipe(name, units=2), [ones(2, 3), [ones(2, 2)] * 3], {}, ["states", "got 3"]) for name in CELLS),
    (Recipe("LSTMCell", units=2), [ones(2, 3), ones(2, 2)], {}, ["states", "got 1"]),
    (
        Recipe("StackedRNNCells", cells=[Recipe("GRUCell", units=2), Recipe("GRUCell", units=2)]),
        [ones(2, 3), [ones(2, 2)]], {}, ["states", "2 cells", "got 1"],
    ),
    (Recipe("TimeDistributed", layer=Recipe("Dense", units=2)), [ones(2, 3)], {}, ["at least 3 axes", "(2, 3)"]),
    (
        Recipe("TimeDistributed", layer=Recipe("Dense", units=2)), [ones(2, 3, 4)], {"mask": np.ones((2, 4), bool)},
        ["mask", "(2, 4)", "(2, 3, 4)"],
    ),
    (Recipe("Bidirectional", layer=lstm()), [ones(2, 3)], {}, ["ndim=3", "(2, 3)"]),
    (
        Recipe("Bidirectional", layer=lstm()), [ones(2, 3, 4)], {"initial_state": [ones(2, 2)] * 3},
        ["initial_state", "got 3"],
    ),
    (
        Recipe("Bidirectional", layer=lstm()), [ones(2, 3, 4)], {"initial_state": [ones(2, 2)] * 2},
        ["initial_state", "got 1"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("recipe", "args", "kwargs", "parts"),
    CALLS,
    ids=[f"{i}-{recipe.name}-{'-'.join(parts)}" for i, (recipe, _, _, parts) in enumerate(CALLS)],
)
def test_wrong_inputs(
    recipe: Recipe, args: list[Any], kwargs: dict[str, Any], parts: list[str], backend: Backend
) -> None:
    layer = recipe.make(dl_layers, name="the_layer")
    with pytest.raises((ValueError, TypeError)) as caught:
        layer(*args, **kwargs)
    message = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    for part in ["the_layer", *parts]:
        assert part in message, f"{part!r} is not in {message!r}"


@pytest.mark.parametrize("name", LAYERS)
def test_batch_of_another_size_than_the_states(name: str, backend: Backend) -> None:
    layer = Recipe(name, units=2, stateful=True).make(dl_layers, name="the_layer")
    layer(ones(2, 3, 4))
    with pytest.raises(ValueError, match=r"the_layer.*batches of 2.*\(3, 3, 4\)"):
        layer(ones(3, 3, 4))


def test_layers_without_states_have_none_to_reset(backend: Backend) -> None:
    layer = Recipe("Bidirectional", layer=lstm()).make(dl_layers, name="the_layer")
    with pytest.raises(AttributeError, match=r"the_layer.*not stateful"):
        layer.reset_state()
