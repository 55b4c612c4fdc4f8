"""Plausible mistakes with every layer: the error names the layer, the argument, what came and what was expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_layers
import dl_ops
from dl_layers import Input
from dl_layers.testing import Recipe
from dl_ops.backend import Backend


def ones(*shape: int) -> Any:
    return np.ones(shape, "float32")


# layer, options, what the message has
OPTIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    *(
        (layer, {**others, name: value}, [f"{layer}({name}={value!r})", "positive integer"])
        for layer, name, others in (
            ("Dense", "units", {}),
            ("Embedding", "input_dim", {"output_dim": 2}),
            ("Embedding", "output_dim", {"input_dim": 2}),
            ("Conv2D", "filters", {"kernel_size": 3}),
            ("Conv2D", "groups", {"filters": 2, "kernel_size": 3}),
            ("MultiHeadAttention", "num_heads", {"key_dim": 2}),
            ("MultiHeadAttention", "key_dim", {"num_heads": 2}),
            ("MultiHeadAttention", "value_dim", {"num_heads": 2, "key_dim": 2}),
            ("MultiHeadAttention", "sliding_window", {"num_heads": 2, "key_dim": 2}),
            ("LSTMCell", "units", {}),
        )
        for value in (0, -1, 2.0, True, "3")
    ),
    ("LSTM", {"units": 0}, ["LSTM", "units=0", "positive integer"]),
    *(
        (layer, {**others, name: "nonsense"}, ["nonsense", f"unknown {kind}"])
        for layer, others in (
            ("Dense", {"units": 2}),
            ("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 2}),
            ("Conv2D", {"filters": 2, "kernel_size": 2}),
            ("LSTM", {"units": 2}),
        )
        for name, kind in (
            ("activation", "activation"),
            ("kernel_initializer", "initializer"),
            ("bias_regularizer", "regularizer"),
            ("kernel_constraint", "constraint"),
        )
    ),
    ("Dense", {"units": 2, "activation": "rellu"}, ["unknown activation 'rellu'", "did you mean", "'relu'"]),
    ("Dense", {"units": 2, "activation": 3}, ["3 of type int", "activation"]),
    ("Dense", {"units": 2, "dtype": "float31"}, ["float31", "expected a dtype"]),
    ("Dense", {"units": 2, "name": "a/b"}, ["a/b", "name"]),
    ("Dense", {"units": 2, "name": 3}, ["name=3", "string"]),
    ("Dense", {"units": 2, "kernel_regularizer": {"class_name": "L3", "config": {}}}, ["L3", "regularizer"]),
    *(
        (layer, {**others, "padding": value}, [f"{layer}(padding={value!r})", "'valid'", "'same'"])
        for layer, others in (
            ("Conv2D", {"filters": 2, "kernel_size": 2}),
            ("MaxPooling2D", {"pool_size": 2}),
            ("AveragePooling2D", {"pool_size": 2}),
        )
        for value in ("full", 1, None)
    ),
    *(
        (layer, {**others, "data_format": value}, ["data_format", repr(value), "channels_last"])
        for layer, others in (
            ("Conv2D", {"filters": 2, "kernel_size": 2}),
            ("MaxPooling2D", {}),
            ("AveragePooling2D", {"pool_size": 2}),
            ("GlobalMaxPooling2D", {}),
            ("GlobalAveragePooling2D", {}),
            ("Flatten", {}),
            ("ZeroPadding2D", {}),
        )
        for value in ("channels", 3)
    ),
    *(
        ("Conv2D", {"filters": 2, "kernel_size": 2, name: value}, [f"Conv2D({name}={value!r})", "integer or 2"])
        for name in ("kernel_size", "strides", "dilation_rate")
        for value in (0, (1, 2, 3), 1.5, (1, -1), "ab")
    ),
    ("Conv2D", {"filters": 2, "kernel_size": 2, "strides": 2, "dilation_rate": 2}, ["strides=(2, 2)", "dilation_rate"]),
    ("Conv2D", {"filters": 3, "kernel_size": 2, "groups": 2}, ["filters=3, groups=2", "divisible"]),
    *(
        ("MaxPooling2D", {"pool_size": value}, [f"MaxPooling2D(pool_size={value!r})", "integer or 2"])
        for value in (0, (2, 2, 2), 1.0)
    ),
    *(
        (layer, {**others, name: value}, [f"{layer}({name}={value!r})", "between 0 and 1"])
        for layer, name, others in (
            ("Dropout", "rate", {}),
            ("LSTMCell", "dropout", {"units": 2}),
            ("LSTMCell", "recurrent_dropout", {"units": 2}),
            ("MultiHeadAttention", "dropout", {"num_heads": 1, "key_dim": 2}),
            ("BatchNormalization", "momentum", {}),
        )
        for value in (-0.1, 1.5, "half", float("nan"))
    ),
    *(
        (layer, {"epsilon": value}, [f"{layer}(epsilon={value!r})", "not negative"])
        for layer in ("BatchNormalization", "LayerNormalization")
        for value in (-1.0, "small", float("nan"))
    ),
    *(
        (layer, {"axis": value}, [f"{layer}(axis={value!r})", "integer"])
        for layer in ("BatchNormalization", "LayerNormalization", "Softmax", "Concatenate")
        for value in (1.5, "last", None)
    ),
    ("LayerNormalization", {"axis": [1, "a"]}, ["LayerNormalization(axis=[1, 'a'])", "integer"]),
    ("ReLU", {"max_value": -1.0}, ["ReLU(max_value=-1.0)", "not negative"]),
    ("ReLU", {"negative_slope": None}, ["ReLU(negative_slope=None)", "not negative"]),
    ("ReLU", {"threshold": "a"}, ["ReLU(threshold='a')", "not negative"]),
    ("Activation", {"activation": "nonsense"}, ["nonsense", "activation"]),
    ("Reshape", {"target_shape": (-1, -1)}, ["Reshape(target_shape=(-1, -1))", "at most one"]),
    ("Reshape", {"target_shape": (2.0,)}, ["Reshape(target_shape=(2.0,))", "integers"]),
    ("Reshape", {"target_shape": "ab"}, ["Reshape(target_shape='ab')", "integers"]),
    ("Reshape", {"target_shape": 1.5}, ["Reshape(target_shape=1.5)", "integers"]),
    *(
        ("ZeroPadding2D", {"padding": value}, [f"ZeroPadding2D(padding={value!r})", "integer"])
        for value in (-1, (1, 2, 3), ((1, 2), (3,)), 1.5, "ab", ((1, -1), (0, 0)))
    ),
    (
        "EinsumDense",
        {"equation": "ab->ac", "output_shape": 2},
        ["EinsumDense(equation='ab->ac')", "input,kernel->"],
    ),
    ("EinsumDense", {"equation": 3, "output_shape": 2}, ["EinsumDense(equation=3)", "string"]),
    ("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 0}, ["EinsumDense(output_shape=0)", "positive integer"]),
    ("MultiHeadAttention", {"num_heads": 1, "key_dim": 2, "output_shape": 0}, ["output_shape=0", "positive integer"]),
    ("MultiHeadAttention", {"num_heads": 1, "key_dim": 2, "attention_axes": "ab"}, ["attention_axes='ab'", "integer"]),
    ("RNN", {"cell": 3}, ["RNN(cell=3)", "'call'"]),
    ("Dropout", {"rate": 0.5, "seed": "a"}, ["seed='a'", "integer"]),
    ("Dropout", {"rate": 0.5, "noise_shape": "ab"}, ["Dropout(noise_shape='ab')", "sequence"]),
    ("Dense", {"units": 2, "bias_initialiser": "ones"}, ["Dense", "bias_initialiser"]),
]


def label(x: Any) -> str | None:
    if isinstance(x, dict):
        return ",".join(f"{name}={value}" for name, value in x.items())
    return x if isinstance(x, str) else ""


@pytest.mark.parametrize(("layer", "options", "parts"), OPTIONS, ids=label)
def test_wrong_options(layer: str, options: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises((ValueError, TypeError, NotImplementedError)) as caught:
        Recipe(layer, **options).make(dl_layers)
    for part in parts:
        assert part in str(caught.value), f"{part!r} is not in {str(caught.value)!r}"


# layer, options, positional inputs, keyword inputs, what the message has besides the layer's name
CALLS: list[tuple[Recipe, list[Any], dict[str, Any], list[str]]] = [
    (Recipe("Dense", units=2), [ones(3)], {}, ["min_ndim=2", "(3,)"]),
    (Recipe("Dense", units=2), [Input((None,))], {}, ["known size", "(None, None)"]),
    (Recipe("Dense", units=2), [[ones(2, 3), ones(2, 3)]], {}, ["takes one input", "(2, 3), (2, 3)"]),
    (Recipe("Dense", units=2), ["text"], {}, ["should be a tensor, got 'text'"]),
    (Recipe("Dense", units=2), [None], {}, ["should be a tensor, got NoneType"]),
    (Recipe("EinsumDense", equation="abc,cd->abd", output_shape=(None, 2)), [ones(2, 3)], {}, ["3 input axes", "2"]),
    (Recipe("EinsumDense", equation="ab,bc->ac", output_shape=2), [Input((None,))], {}, ["'b' is unknown"]),
    (Recipe("Conv2D", filters=2, kernel_size=3), [ones(5, 5, 3)], {}, ["4 dimensions", "(5, 5, 3)"]),
    (Recipe("Conv2D", filters=2, kernel_size=3), [ones(1, 5, 5, 5, 3)], {}, ["dimensions", "(1, 5, 5, 5, 3)"]),
    (Recipe("Conv2D", filters=2, kernel_size=3), [Input((5, 5, None))], {}, ["known size", "(None, 5, 5, None)"]),
    (Recipe("Conv2D", filters=2, kernel_size=6), [ones(1, 5, 5, 3)], {}, ["(6, 6)", "(1, 5, 5, 3)"]),
    (Recipe("Conv2D", filters=2, kernel_size=3, groups=2), [ones(1, 5, 5, 3)], {}, ["3 channels", "groups=2"]),
    *(
        (Recipe(name), [ones(5, 5, 3)], {}, ["ndim=4", "(5, 5, 3)"])
        for name in ("MaxPooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D", "ZeroPadding2D")
    ),
    (Recipe("AveragePooling2D", pool_size=2), [ones(5, 5, 3)], {}, ["ndim=4", "(5, 5, 3)"]),
    (Recipe("MaxPooling2D", pool_size=7), [ones(1, 5, 5, 3)], {}, ["(7, 7)", "(1, 5, 5, 3)"]),
    (Recipe("LSTM", units=2), [ones(2, 3)], {}, ["ndim=3", "(2, 3)"]),
    (Recipe("LSTM", units=2), [Input((3, None))], {}, ["known size"]),
    (Recipe("LSTM", units=2, stateful=True), [Input((3, 2))], {}, ["stateful", "batch size"]),
    (Recipe("LSTM", units=2), [ones(2, 3, 4)], {"mask": np.ones((2, 4), bool)}, ["mask", "(2, 4)", "(2, 3"]),
    (Recipe("LSTM", units=2), [ones(2, 3, 4)], {"mask": np.ones((2, 3, 1), bool)}, ["mask", "(2, 3, 1)"]),
    (Recipe("LSTM", units=2), [ones(2, 3, 4)], {"initial_state": [ones(2, 2)]}, ["initial_state", "2", "got 1"]),
    (
        Recipe("LSTM", units=2), [ones(2, 3, 4)], {"initial_state": [ones(2, 3), ones(2, 3)]},
        ["initial_state", "(2, 3)", "2"],
    ),
    (Recipe("LSTMCell", units=2), [ones(2, 3), [ones(2, 2)]], {}, ["states", "2", "1"]),
    (Recipe("BatchNormalization"), [Input((None,))], {}, ["known size"]),
    (Recipe("BatchNormalization", axis=3), [ones(2, 3)], {}, ["axis", "3", "2"]),
    (
        Recipe("BatchNormalization"), [ones(2, 3, 4)], {"mask": np.ones((2, 4), bool), "training": True},
        ["mask", "(2, 4)", "(2, 3, 4)"],
    ),
    (Recipe("LayerNormalization", axis=3), [ones(2, 3)], {}, ["axis", "3", "2"]),
    (Recipe("LayerNormalization"), [Input((None,))], {}, ["known size"]),
    (Recipe("Add"), [ones(2, 3)], {}, ["list of inputs", "(2, 3)"]),
    (Recipe("Add"), [[]], {}, ["at least 1", "got 0"]),
    (Recipe("Add"), [[ones(2, 3), ones(2, 4)]], {}, ["(2, 3)", "(2, 4)", "cannot be combined"]),
    (Recipe("Add"), [[ones(2, 3), ones(4, 3)]], {}, ["batch", "(2, 3)", "(4, 3)"]),
    (Recipe("Multiply"), [[ones(2, 3), ones(2, 4)]], {}, ["(2, 3)", "(2, 4)", "cannot be combined"]),
    (Recipe("Concatenate"), [[ones(2, 3), ones(3, 3)]], {}, ["(2, 3)", "(3, 3)", "axis 0"]),
    (Recipe("Concatenate"), [[ones(2, 3), ones(2, 3, 1)]], {}, ["ranks", "(2, 3)", "(2, 3, 1)"]),
    (Recipe("Concatenate", axis=2), [[ones(2, 3), ones(2, 3)]], {}, ["axis", "2"]),
    (Recipe("Reshape", target_shape=(4,)), [ones(2, 3)], {}, ["(3,)", "(4,)"]),
    (Recipe("Reshape", target_shape=(-1, 2)), [ones(2, 3)], {}, ["(3,)", "(-1, 2)"]),
    (Recipe("Softmax", axis=2), [ones(2, 3)], {}, ["axis", "2"]),
    (Recipe("Softmax"), [ones(2, 3)], {"mask": np.ones((2, 4), bool)}, ["(2, 4)", "(2, 3)"]),
    (Recipe("MultiHeadAttention", num_heads=2, key_dim=3), [ones(2, 3, 4), ones(2, 3)], {}, ["(2, 3, 4)", "(2, 3)"]),
    (Recipe("MultiHeadAttention", num_heads=2, key_dim=3), [ones(2, 3, 4)], {}, ["value"]),
    (
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3), [ones(2, 3, 4), ones(2, 5, 4), ones(2, 6, 4)], {},
        ["value", "key", "(2, 5, 4)", "(2, 6, 4)"],
    ),
    (
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3), [ones(2, 3, 4), ones(2, 5, 4)],
        {"attention_mask": np.ones((2, 3, 4), bool)}, ["(2, 3, 4)", "mask"],
    ),
    (Recipe("MultiHeadAttention", num_heads=2, key_dim=3), [Input((3, None)), Input((3, 4))], {}, ["is unknown"]),
    (
        Recipe("Dropout", rate=0.5, noise_shape=(1, 4)), [ones(2, 3)], {"training": True},
        ["noise_shape", "(1, 4)", "(2, 3)"],
    ),
    (Recipe("InputLayer", shape=(2,)), [ones(2, 3)], {}, ["InputLayer"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("recipe", "args", "kwargs", "parts"),
    CALLS,
    ids=[f"{recipe.name}-{'-'.join(parts)}" for recipe, _, _, parts in CALLS],
)
def test_wrong_inputs(
    recipe: Recipe, args: list[Any], kwargs: dict[str, Any], parts: list[str], backend: Backend
) -> None:
    layer = recipe.make(dl_layers, name="the_layer")
    with pytest.raises((ValueError, TypeError, NotImplementedError)) as caught:
        layer(*args, **kwargs)
    message = str(caught.value)
    for part in ["the_layer", *parts]:
        assert part in message, f"{part!r} is not in {message!r}"


# built for one shape, called with another
CHANGES: list[tuple[Recipe, Any, Any, list[str]]] = [
    (Recipe("Dense", units=2), ones(2, 3), ones(2, 4), ["axis -1", "size 3", "found 4", "(2, 4)"]),
    (
        Recipe("Conv2D", filters=2, kernel_size=2), ones(1, 4, 4, 3), ones(1, 4, 4, 2),
        ["axis -1", "size 3", "found 2", "(1, 4, 4, 2)"],
    ),
    (
        Recipe("EinsumDense", equation="ab,bc->ac", output_shape=2), ones(2, 3), ones(2, 4), ["(2, 4)", "(3, 2)"],
    ),
    (Recipe("LSTM", units=2), ones(2, 3, 4), ones(2, 3, 5), ["(2, 3, 5)", "5", "4"]),
    (Recipe("BatchNormalization"), ones(2, 3), ones(2, 4), ["axis -1", "size 3", "found 4"]),
    (Recipe("BatchNormalization"), ones(2, 3), ones(2, 2, 3), ["ndim=2", "ndim=3"]),
    (Recipe("LayerNormalization"), ones(2, 3), ones(2, 4), ["(2, 4)", "3"]),
    (Recipe("Add"), [ones(2, 3), ones(2, 3)], [ones(2, 3), ones(2, 4)], ["(2, 3)", "(2, 4)"]),
    (Recipe("Concatenate"), [ones(2, 3), ones(2, 3)], [ones(2, 3), ones(4, 3)], ["(2, 3)", "(4, 3)"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("recipe", "first", "second", "parts"),
    CHANGES,
    ids=[f"{recipe.name}-{i}" for i, (recipe, *_) in enumerate(CHANGES)],
)
def test_other_inputs_than_it_was_built_for(
    recipe: Recipe, first: Any, second: Any, parts: list[str], backend: Backend
) -> None:
    layer = recipe.make(dl_layers, name="the_layer")
    layer(first)
    with pytest.raises((ValueError, TypeError)) as caught:
        layer(second)
    message = str(caught.value)
    for part in ["the_layer", *parts]:
        assert part in message, f"{part!r} is not in {message!r}"


def test_integers_out_of_the_range_of_an_embedding_are_no_silent_zeros(backend: Backend) -> None:
    layer = dl_layers.Embedding(3, 2, name="the_layer")
    tokens = np.array([[0, 3]])
    if backend.name == "jax":  # which cannot raise
        assert np.isnan(dl_ops.ops.convert_to_numpy(layer(tokens))[0, 1]).all()
        return
    with pytest.raises(Exception, match=r"index|indices|range|bounds") as caught:
        layer(tokens)
    assert "the_layer" in str(caught.value) + "".join(getattr(caught.value, "__notes__", []))
