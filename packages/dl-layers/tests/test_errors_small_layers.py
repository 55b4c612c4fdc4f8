"""Plausible mistakes with layers that merge, add noise, activate, mask or apply functions: the error names the layer,
the argument, what came and what was expected.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers import Input
from dl_layers.testing import Recipe
from dl_ops import ops
from dl_ops.backend import Backend
from dl_ops.symbolic import KerasTensor

SPATIAL = [f"SpatialDropout{rank}D" for rank in (1, 2, 3)]
FOLDS = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")

# layer, options, what the message has
OPTIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    *(
        (layer, {"rate": value}, [f"{layer}(rate={value!r})", "between 0 and 1"])
        for layer in ("AlphaDropout", "GaussianDropout", *SPATIAL)
        for value in (-0.1, 1.5, "half", None, True, float("nan"))
    ),
    *((layer, {"rate": 1.0}, [f"{layer}(rate=1.0)", "less than 1"]) for layer in ("AlphaDropout", "GaussianDropout")),
    *(
        ("GaussianNoise", {"stddev": value}, [f"GaussianNoise(stddev={value!r})", "not negative"])
        for value in (-0.1, "half", None, float("nan"))
    ),
    *(
        (layer, {"rate": 0.5, "seed": value}, [f"seed={value!r}", "integer"])
        for layer in ("AlphaDropout", "GaussianDropout", *SPATIAL)
        for value in ("a", 1.5)
    ),
    ("AlphaDropout", {"rate": 0.5, "noise_shape": "ab"}, ["AlphaDropout(noise_shape='ab')", "sequence"]),
    *(
        (layer, {"rate": 0.5, "data_format": "last"}, [f"{layer}(data_format='last')", "channels_last"])
        for layer in SPATIAL[1:]
    ),
    *(
        ("ActivityRegularization", {name: value}, [f"ActivityRegularization({name}={value!r})", "not negative"])
        for name in ("l1", "l2")
        for value in (-1.0, "a", None)
    ),
    *(
        ("Dot", {"axes": value}, [f"Dot(axes={value!r})", "an integer, or two integers"])
        for value in ("a", 1.5, (1, 2, 3), (1,), None, (1, "a"), True)
    ),
    *(
        ("LeakyReLU", {"negative_slope": value}, [f"LeakyReLU(negative_slope={value!r})", "not negative"])
        for value in (-0.1, "a", None)
    ),
    ("LeakyReLU", {"alpha": -0.1}, ["LeakyReLU(negative_slope=-0.1)", "not negative"]),
    *(("ELU", {"alpha": value}, [f"ELU(alpha={value!r})", "not negative"]) for value in (-0.1, "a", None)),
    *(
        ("PReLU", {"shared_axes": value}, [f"PReLU(shared_axes={value!r})", "positive integer"])
        for value in (0, [0], [-1], 1.5, "a")
    ),
    *(
        ("PReLU", {f"alpha_{kind}": "nonsense"}, ["nonsense", f"unknown {kind}"])
        for kind in ("initializer", "regularizer", "constraint")
    ),
    *(
        ("Masking", {"mask_value": value}, [f"Masking(mask_value={value!r})", "number"])
        for value in ("a", None, True, float("nan"), [0.0])
    ),
    *(("Lambda", {"function": value}, [f"Lambda(function={value!r})", "called"]) for value in (3, "relu", None)),
    *(
        ("Lambda", {"function": ops.abs, "output_shape": value}, [f"Lambda(output_shape={value!r})", "batch"])
        for value in (3, "a")
    ),
    ("Lambda", {"function": ops.abs, "arguments": [1]}, ["Lambda(arguments=[1])", "dictionary"]),
    ("Identity", {"units": 3}, ["Identity", "units"]),
    ("InputLayer", {}, ["InputLayer()", "give a shape"]),
    ("InputLayer", {"shape": 3}, ["InputLayer(shape=3)", "sequence"]),
    ("InputLayer", {"shape": "ab"}, ["InputLayer(shape='ab')", "sequence"]),
    ("InputLayer", {"shape": (-1,)}, ["-1"]),
    ("InputLayer", {"shape": (2.5,)}, ["2.5"]),
    ("InputLayer", {"shape": (2,), "batch_shape": (3, 2)}, ["shape=(2,)", "batch_shape=(3, 2)", "alone"]),
    ("InputLayer", {"batch_size": 4, "batch_shape": (3, 2)}, ["batch_size=4", "batch_shape=(3, 2)", "alone"]),
    ("InputLayer", {"shape": (2,), "batch_size": -1}, ["-1"]),
    ("InputLayer", {"shape": (2,), "dtype": "float31"}, ["float31", "expected one of"]),
    ("InputLayer", {"input_tensor": np.ones(2)}, ["InputLayer(input_tensor=", "KerasTensor"]),
    ("InputLayer", {"input_tensor": KerasTensor((2, 3)), "shape": (4,)}, ["batch_shape=(2, 4)", "(2, 3)"]),
    ("InputLayer", {"input_tensor": KerasTensor((2, 3)), "dtype": "int32"}, ["dtype='int32'", "'float32'"]),
    ("InputLayer", {"input_tensor": KerasTensor((2, 3)), "sparse": True}, ["sparse=True", "sparse=False"]),
]


def label(x: Any) -> str | None:
    if isinstance(x, dict):
        return ",".join(f"{name}={value}" for name, value in x.items() if not callable(value))
    return x if isinstance(x, str) else ""


@pytest.mark.parametrize(("layer", "options", "parts"), OPTIONS, ids=label)
def test_wrong_options(layer: str, options: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        Recipe(layer, **options).make(dl_layers)
    for part in parts:
        assert part in str(caught.value), f"{part!r} is not in {str(caught.value)!r}"


def ones(*shape: int) -> Any:
    return np.ones(shape, "float32")


CALLS: list[tuple[Recipe, Any, dict[str, Any], list[str]]] = [
    *((Recipe(name), ones(2, 3), {}, ["list of inputs", "(2, 3)"]) for name in FOLDS),
    *((Recipe(name), [ones(2, 3), ones(2, 4)], {}, ["(2, 3)", "(2, 4)", "cannot be combined"]) for name in FOLDS),
    *((Recipe(name), [ones(2, 3), ones(4, 3)], {}, ["batch", "(2, 3)", "(4, 3)"]) for name in FOLDS),
    *(
        (Recipe(name), [ones(2, 3)] * n, {}, [f"{name} 'the_layer' takes 2 inputs, got {n}"])
        for name in ("Subtract",)
        for n in (1, 3)
    ),
    (Recipe("Dot", axes=1), [ones(2, 3)] * 3, {}, ["takes 2 inputs, got 3"]),
    (Recipe("Dot", axes=1), ones(2, 3), {}, ["list of inputs", "(2, 3)"]),
    (Recipe("Dot", axes=1), [ones(2, 3), ones(2, 4)], {}, ["axes=1", "(2, 3)", "(2, 4)", "sizes 3 and 4"]),
    (Recipe("Dot", axes=0), [ones(2, 3), ones(2, 3)], {}, ["axes=0", "batch"]),
    (Recipe("Dot", axes=(1, -2)), [ones(2, 3), ones(2, 3)], {}, ["axes=(1, -2)", "batch"]),
    (Recipe("Dot", axes=2), [ones(2, 3), ones(2, 3)], {}, ["axes", "2"]),
    (Recipe("Dot", axes=1), [ones(2, 3), ones(4, 3)], {}, ["batch", "(2, 3)", "(4, 3)"]),
    *(
        (Recipe(name), [ones(2, 3), ones(2, 3)], {"mask": [np.ones(2, bool)]}, ["1 masks for 2 inputs"])
        for name in ("Multiply", "Maximum", "Minimum")
    ),
    *(
        (Recipe(f"SpatialDropout{rank}D", rate=0.5), ones(*(3,) * (rank + 1)), {}, [f"ndim={rank + 2}"])
        for rank in (1, 2, 3)
    ),
    (
        Recipe("AlphaDropout", rate=0.5, noise_shape=(1, 4)), ones(2, 3), {"training": True},
        ["noise_shape", "(1, 4)", "(2, 3)"],
    ),
    (Recipe("PReLU"), Input((None, 3)), {}, ["known size", "(None, None, 3)"]),
    (Recipe("PReLU", shared_axes=[3]), ones(2, 3), {}, ["shared_axes=[3]", "(2, 3)", "from 1 to 1"]),
    (Recipe("Masking"), ones(3), {}, ["min_ndim=2", "(3,)"]),
    (Recipe("Lambda", function=ops.matmul), ones(3, 3), {}, ["matmul", "x2"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("recipe", "x", "kwargs", "parts"), CALLS, ids=[f"{recipe.name}-{'-'.join(parts)}" for recipe, _, _, parts in CALLS]
)
def test_wrong_inputs(recipe: Recipe, x: Any, kwargs: dict[str, Any], parts: list[str], backend: Backend) -> None:
    layer = recipe.make(dl_layers, name="the_layer")
    with pytest.raises((ValueError, TypeError)) as caught:
        layer(x, **kwargs)
    message = str(caught.value) + "".join(getattr(caught.value, "__notes__", []))
    for part in ["the_layer", *parts]:
        assert part in message, f"{part!r} is not in {message!r}"


def test_another_shape_than_it_was_built_for(backend: Backend) -> None:
    layer = dl_layers.PReLU(shared_axes=[1], name="the_layer")
    layer(ones(2, 3, 4))
    layer(ones(2, 5, 4))
    for x in (ones(2, 3, 5), ones(2, 4)):
        with pytest.raises(ValueError, match="the_layer"):
            layer(x)
