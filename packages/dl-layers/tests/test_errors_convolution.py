"""Plausible mistakes with convolutions: the error names the layer, the argument, what came and what was expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers import Input
from dl_layers.testing import Recipe
from dl_ops.backend import Backend

# layer, how many spatial axes it has, what else it must be given
LAYERS: list[tuple[str, int, dict[str, Any]]] = [
    *((f"Conv{rank}D", rank, {"filters": 2}) for rank in (1, 2, 3)),
    *((f"Conv{rank}DTranspose", rank, {"filters": 2}) for rank in (1, 2, 3)),
    *((f"DepthwiseConv{rank}D", rank, {}) for rank in (1, 2)),
    *((f"SeparableConv{rank}D", rank, {"filters": 2}) for rank in (1, 2)),
]
EXCLUSIVE = [row for row in LAYERS if row[0].startswith("Conv")]
TRANSPOSED = [row for row in LAYERS if row[0].endswith("Transpose")]

# layer, options, what the message has
OPTIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    *(
        (layer, {"kernel_size": 3, "filters": value}, [f"{layer}(filters={value!r})", "positive integer"])
        for layer, _, needed in LAYERS
        if needed
        for value in (0, -1, 2.0, None, "3")
    ),
    *(
        (layer, {**needed, "kernel_size": 3, "depth_multiplier": 0}, [f"{layer}(depth_multiplier=0)", "positive"])
        for layer, _, needed in LAYERS
        if not layer.startswith("Conv")
    ),
    *(
        (layer, {"kernel_size": 3, **needed, name: value}, [f"{layer}({name}={value!r})", f"integer or {rank}"])
        for layer, rank, needed in LAYERS
        for name in ("kernel_size", "strides", "dilation_rate")
        for value in (0, (1, 2, 3, 4), 1.5, "ab", None)
    ),
    *(
        (layer, {"kernel_size": 3, **needed, "padding": value}, [f"{layer}(padding={value!r})", "'valid', 'same'"])
        for layer, _, needed in LAYERS
        for value in ("full", "causal", 1)
        if (layer, value) != ("Conv1D", "causal")
    ),
    ("Conv1D", {"filters": 2, "kernel_size": 3, "padding": "full"}, ["padding='full'", "'causal'"]),
    *(
        (layer, {"kernel_size": 3, **needed, "data_format": value}, [f"{layer}(data_format={value!r})", "_last"])
        for layer, _, needed in LAYERS
        for value in ("channels", 3)
    ),
    *(
        (layer, {**needed, "kernel_size": 3, "strides": 2, "dilation_rate": 3}, [f"{layer}(strides=(2", "dilation"])
        for layer, _, needed in EXCLUSIVE
    ),
    *(
        (layer, {"filters": 3, "kernel_size": 3, "groups": 2}, [f"{layer}(filters=3, groups=2)", "divisible"])
        for layer in ("Conv1D", "Conv2D", "Conv3D")
    ),
    *(
        (layer, {"filters": 2, "kernel_size": 3, "strides": 2, "output_padding": value},
         [f"{layer}(output_padding={value!r})", "less than the strides" if value == 2 else "integer or"])
        for layer, _, _ in TRANSPOSED
        for value in (2, -1, (0, 0, 0, 0), "a")
    ),
    *(
        (layer, {"kernel_size": 3, **needed, name: "nonsense"}, ["nonsense", f"unknown {kind}"])
        for layer, needed, kernel in (
            ("Conv1DTranspose", {"filters": 2}, "kernel"),
            ("DepthwiseConv1D", {}, "depthwise"),
            ("SeparableConv1D", {"filters": 2}, "pointwise"),
        )
        for name, kind in (
            ("activation", "activation"),
            (f"{kernel}_initializer", "initializer"),
            (f"{kernel}_regularizer", "regularizer"),
            (f"{kernel}_constraint", "constraint"),
        )
    ),
]  # fmt: skip


def label(x: Any) -> str | None:
    if isinstance(x, dict):
        return ",".join(f"{name}={value}" for name, value in x.items())
    return x if isinstance(x, str) else ""


@pytest.mark.parametrize(("layer", "options", "parts"), OPTIONS, ids=label)
def test_wrong_options(layer: str, options: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        Recipe(layer, **options).make(dl_layers)
    for part in parts:
        assert part in str(caught.value), f"{part!r} is not in {str(caught.value)!r}"


def images(rank: int, size: int = 5, channels: int = 3, *, batch: int = 1) -> Any:
    return np.ones((batch, *(size,) * rank, channels), "float32")


def shown(x: Any) -> str:
    return str(tuple(x.shape))


# layer with options, rank of its images, input, what the message has besides the layer's name
CALLS: list[tuple[Recipe, Any, list[str]]] = []
for _layer, _rank, _needed in LAYERS:
    _recipe = Recipe(_layer, kernel_size=3, **_needed)
    _many = Recipe(_layer, kernel_size=3, **_needed, data_format="channels_first")
    CALLS += [
        (_recipe, images(_rank)[0], [f"{_rank + 2} dimensions", shown(images(_rank)[0])]),
        (_recipe, images(_rank + 1), [f"{_rank + 2} dimensions", shown(images(_rank + 1))]),
        (_recipe, Input((*(5,) * _rank, None)), ["known size", "None"]),
        (_many, Input((None, *(5,) * _rank)), ["known size", "None"]),
        (_recipe, [images(_rank), images(_rank)], ["takes one input"]),
    ]
    if not _layer.endswith("Transpose"):
        CALLS += [
            (Recipe(_layer, **{**_recipe.options, "kernel_size": 6}), images(_rank), ["(6,", shown(images(_rank))]),
            (Recipe(_layer, **{**_recipe.options, "dilation_rate": 3}), images(_rank), ["(3,", shown(images(_rank))]),
            (Recipe(_layer, **{**_recipe.options, "kernel_size": 6}), Input(images(_rank).shape[1:]), ["(6,", "5, 3)"]),
        ]
    else:
        _empty = Recipe(_layer, filters=2, kernel_size=2, padding="same", output_padding=0)
        CALLS.append((_empty, images(_rank, 1), [shown(images(_rank, 1)), "without a single pixel"]))
for _rank in (1, 2, 3):
    CALLS.append(
        (Recipe(f"Conv{_rank}D", filters=4, kernel_size=2, groups=2), images(_rank), ["3 channels", "groups=2"])
    )


@pytest.mark.parametrize(
    ("recipe", "x", "parts"), CALLS, ids=[f"{recipe.name}-{i}" for i, (recipe, *_) in enumerate(CALLS)]
)
def test_wrong_inputs(recipe: Recipe, x: Any, parts: list[str], backend: Backend) -> None:
    layer = recipe.make(dl_layers, name="the_layer")
    with pytest.raises((ValueError, TypeError)) as caught:
        layer(x)
    message = str(caught.value)
    for part in ["the_layer", *parts]:
        assert part in message, f"{part!r} is not in {message!r}"


@pytest.mark.parametrize(("name", "rank", "needed"), LAYERS, ids=label)
def test_other_channels_than_it_was_built_for(name: str, rank: int, needed: dict[str, Any], backend: Backend) -> None:
    layer = Recipe(name, kernel_size=2, **needed).make(dl_layers, name="the_layer")
    layer(images(rank))
    with pytest.raises(ValueError, match=r"axis -1.*size 3.*found 2") as caught:
        layer(images(rank, channels=2))
    assert "the_layer" in str(caught.value)
    assert shown(images(rank, channels=2)) in str(caught.value)


# -- convolutions over time --

RECURRENT: list[tuple[dict[str, Any], list[str]]] = [
    *(({"filters": value}, [f"filters={value!r}", "positive integer"]) for value in (0, 2.0, None)),
    *(
        ({name: value}, [f"{name}={value!r}", "integer or 2"])
        for name in ("kernel_size", "strides")
        for value in (0, "a")
    ),
    ({"padding": "causal"}, ["padding='causal'", "'valid', 'same'"]),
    ({"data_format": "channels"}, ["data_format='channels'", "channels_last"]),
    ({"strides": 2, "dilation_rate": 2}, ["strides=(2, 2)", "dilation_rate"]),
    *(({name: 1.5}, [f"{name}=1.5", "between 0 and 1"]) for name in ("dropout", "recurrent_dropout")),
    ({"groups": 2}, ["groups"]),
]


@pytest.mark.parametrize(("options", "parts"), RECURRENT, ids=label)
def test_wrong_options_over_time(options: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        dl_layers.ConvLSTM2D(**{"filters": 2, "kernel_size": 2, **options})
    for part in ["ConvLSTM", *parts]:
        assert part in str(caught.value), f"{part!r} is not in {str(caught.value)!r}"


STATES = [np.ones((1, 3, 3, 2), "float32")] * 2
OVER_TIME: list[tuple[dict[str, Any], Any, dict[str, Any], list[str]]] = [
    ({}, images(2), {}, ["dimensions", shown(images(2))]),
    ({}, Input((3, 4, 4, None)), {}, ["known size"]),
    ({"kernel_size": 5}, images(3, 4), {}, ["(5, 5)", "(4, 4)"]),
    ({"stateful": True}, Input((3, 4, 4, 3)), {}, ["stateful", "batch size"]),
    ({"stateful": True}, Input(batch_shape=(1, 3, 4, None, 3)), {}, ["sizes of the images must be known"]),
    ({}, images(3, 4), {"initial_state": STATES[:1]}, ["initial_state", "expected 2", "got 1"]),
    ({"padding": "same"}, images(3, 4), {"initial_state": STATES}, ["initial_state", "(1, 4, 4, 2)", "(1, 3, 3, 2)"]),
    ({}, images(3, 4), {"mask": np.ones((1, 3), bool)}, ["mask", "(1, 3)", "(1, 4, 4, 4, 3)"]),
]


@pytest.mark.parametrize(
    ("options", "x", "call", "parts"), OVER_TIME, ids=[f"ConvLSTM2D-{i}" for i, _ in enumerate(OVER_TIME)]
)
def test_wrong_inputs_over_time(
    options: dict[str, Any], x: Any, call: dict[str, Any], parts: list[str], backend: Backend
) -> None:
    layer = dl_layers.ConvLSTM2D(**{"filters": 2, "kernel_size": 2, **options}, name="the_layer")
    with pytest.raises((ValueError, TypeError)) as caught:
        layer(x, **call)
    message = str(caught.value)
    for part in ["the_layer", *parts]:
        assert part in message, f"{part!r} is not in {message!r}"
