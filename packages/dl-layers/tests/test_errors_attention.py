"""Plausible mistakes with attention: the error names the layer, the argument, what came and what was expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers import Input
from dl_layers.testing import Recipe
from dl_ops.backend import Backend

MULTI_HEAD: dict[str, Any] = {"num_heads": 2, "key_dim": 3}
GROUPED: dict[str, Any] = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
PROJECTED: list[tuple[str, dict[str, Any]]] = [("MultiHeadAttention", MULTI_HEAD), ("GroupQueryAttention", GROUPED)]
UNMAPPED = ("Attention", "AdditiveAttention")


def ones(*shape: int) -> Any:
    return np.ones(shape, "float32")


def true(*shape: int) -> Any:
    return np.ones(shape, bool)


# layer, options, what the message has
OPTIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    *(
        ("GroupQueryAttention", {**GROUPED, name: value}, [f"{name}={value!r}", "positive integer"])
        for name in (*GROUPED, "sliding_window")
        for value in (0, -1, 2.0, True, "3")
    ),
    (
        "GroupQueryAttention",
        {**GROUPED, "num_query_heads": 3},
        ["num_query_heads=3", "num_key_value_heads=2", "divisible"],
    ),
    *(
        (layer, {**options, "dropout": value}, [f"dropout={value!r}", "between 0 and 1"])
        for layer, options in (*PROJECTED, *((layer, {}) for layer in UNMAPPED))
        for value in (-0.1, 1.5, "half", float("nan"))
    ),
    *(
        (layer, {**options, "flash_attention": value}, [f"flash_attention={value!r}", "True, False or None"])
        for layer, options in PROJECTED
        for value in (1, "yes")
    ),
    *(
        (layer, {**options, "flash_attention": True, "dropout": 0.1}, ["dropout=0.1", "flash_attention=True"])
        for layer, options in PROJECTED
    ),
    *(
        (layer, {**options, name: "nonsense"}, ["nonsense", f"unknown {kind}"])
        for layer, options in PROJECTED
        for name, kind in (
            ("kernel_initializer", "initializer"),
            ("activity_regularizer", "regularizer"),
            ("bias_constraint", "constraint"),
        )
    ),
    *(
        ("Attention", {"score_mode": value}, [f"Attention(score_mode={value!r})", "'dot'", "'concat'"])
        for value in ("product", 1, None)
    ),
]


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


# layer, options, positional inputs, keyword inputs, what the message has besides the layer's name
CALLS: list[tuple[Recipe, list[Any], dict[str, Any], list[str]]] = []
for _layer, _options in PROJECTED:
    _recipe = Recipe(_layer, **_options)
    _pair = [ones(2, 3, 4), ones(2, 5, 4)]
    CALLS += [
        (_recipe, [ones(2, 3, 4)], {}, ["value"]),
        (_recipe, [ones(2, 4), ones(2, 4)], {}, ["at least 3", "(2, 4)"]),
        (_recipe, [ones(2, 3, 4), ones(2, 3)], {}, ["(2, 3, 4)", "(2, 3)"]),
        (_recipe, [*_pair, ones(2, 6, 4)], {}, ["value and key", "(2, 5, 4)", "(2, 6, 4)"]),
        (_recipe, [Input((3, None)), Input((3, 4))], {}, ["is unknown"]),
        *(
            (_recipe, _pair, {name: mask}, [name, str(mask.shape), "(2, 3, 5)"])
            for name, mask in (
                ("attention_mask", true(2, 3, 4)),
                ("attention_mask", true(4, 3, 5)),
                ("attention_mask", true(2, 3, 3, 5)),
                ("query_mask", true(2, 5)),
                ("value_mask", true(2, 3)),
                ("key_mask", true(3, 5)),
            )
        ),
        (
            Recipe(_layer, **_options, flash_attention=True),
            _pair,
            {"return_attention_scores": True},
            ["return_attention_scores=True", "flash_attention=True"],
        ),
    ]
_images = [ones(2, 3, 4, 5), ones(2, 3, 4, 5)]
CALLS += [
    (Recipe("GroupQueryAttention", **GROUPED), _images, {}, ["(batch, positions, features)", "(2, 3, 4, 5)"]),
    (Recipe("MultiHeadAttention", **MULTI_HEAD, sliding_window=2), _images, {}, ["sliding_window=2", "(1, 2)"]),
    (Recipe("MultiHeadAttention", **MULTI_HEAD), _images, {"use_causal_mask": True}, ["use_causal_mask", "(1, 2)"]),
    (Recipe("MultiHeadAttention", **MULTI_HEAD, flash_attention=True), _images, {}, ["flash_attention", "4, 5)"]),
    *(
        (Recipe("MultiHeadAttention", **MULTI_HEAD, attention_axes=axis), _images, {}, ["axes", "(2, 3, 4, 5)"])
        for axis in (0, -1)
    ),
    (Recipe("MultiHeadAttention", **MULTI_HEAD, attention_axes=4), _images, {}, ["axis", "4"]),
]
for _layer in UNMAPPED:
    _recipe = Recipe(_layer)
    CALLS += [
        (_recipe, [ones(2, 3, 4)], {}, ["[query, value]"]),
        (_recipe, [[ones(2, 3, 4)]], {}, ["[query, value]", "got 1"]),
        (_recipe, [[ones(2, 3, 4)] * 4], {}, ["[query, value]", "got 4"]),
        (_recipe, [[ones(2, 4), ones(2, 4)]], {}, ["(batch, positions, features)", "(2, 4)"]),
        (_recipe, [[ones(2, 3, 4), ones(2, 5, 6)]], {}, ["as many features", "(2, 3, 4)", "(2, 5, 6)"]),
        (
            _recipe,
            [[ones(2, 3, 4), ones(2, 5, 4), ones(2, 6, 4)]],
            {},
            ["as many positions", "(2, 5, 4)", "(2, 6, 4)"],
        ),
        (_recipe, [[ones(2, 3, 4)] * 2], {"mask": true(2, 3)}, ["[query_mask, value_mask]", "(2, 3)"]),
        (_recipe, [[ones(2, 3, 4)] * 2], {"mask": [true(2, 3)]}, ["[query_mask, value_mask]", "1"]),
        (_recipe, [[ones(2, 3, 4)] * 2], {"mask": [None, true(2, 4)]}, ["mask[1]", "(2, 4)", "(2, 3, 3)"]),
        (_recipe, [[ones(2, 3, 4)] * 2], {"mask": [true(2, 4), None]}, ["mask[0]", "(2, 4)", "(2, 3"]),
    ]


@pytest.mark.parametrize(
    ("recipe", "args", "kwargs", "parts"),
    CALLS,
    ids=[f"{recipe.name}-{'-'.join(parts)}-{i}" for i, (recipe, _, _, parts) in enumerate(CALLS)],
)
def test_wrong_inputs(
    recipe: Recipe, args: list[Any], kwargs: dict[str, Any], parts: list[str], backend: Backend
) -> None:
    layer = recipe.make(dl_layers, name="the_layer")
    with pytest.raises((ValueError, TypeError)) as caught:
        layer(*args, **kwargs)
    message = str(caught.value)
    for part in ["the_layer", *parts]:
        assert part in message, f"{part!r} is not in {message!r}"
