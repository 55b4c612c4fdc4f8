"""Plausible mistakes with normalization: the error names the layer, the argument, what came and what was expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers import Input
from dl_layers.testing import Recipe
from dl_ops.backend import Backend


def ones(*shape: int) -> Any:
    return np.ones(shape, "float32")


# layer, options, what the message has
OPTIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    *(
        (layer, {"epsilon": value}, [f"{layer}(epsilon={value!r})", "not negative"])
        for layer in ("GroupNormalization", "RMSNormalization")
        for value in (-1.0, "small", float("nan"))
    ),
    *(
        (layer, {"axis": value}, [f"{layer}(axis={value!r})", "integer"])
        for layer in ("GroupNormalization", "RMSNormalization", "UnitNormalization")
        for value in (1.5, "last", None, [1, "a"])
    ),
    *(
        ("GroupNormalization", {"groups": value}, [f"groups={value!r}", "positive integer"])
        for value in (0, -2, 1.5, "2", None, True)
    ),
    ("GroupNormalization", {"beta_regularizer": "nonsense"}, ["nonsense", "unknown regularizer"]),
    *(
        ("SpectralNormalization", {"layer": Recipe("Dense", units=2), "power_iterations": value}, [f"s={value!r}"])
        for value in (0, -1, 1.5, "2")
    ),
    *(("SpectralNormalization", {"layer": value}, ["Normalization(layer", "must be"]) for value in (3, None)),
    *(
        ("BatchNormalization", {"renorm": True, "renorm_clipping": value}, [f"renorm_clipping={value!r}", expected])
        for value, expected in (
            ({"rmux": 1.0}, "'rmax', 'rmin', 'dmax'"),
            ([1.0], "'rmax', 'rmin', 'dmax'"),
            ({"rmax": 0.5, "rmin": 2.0}, "less than rmin"),
            ({"dmax": -1.0}, "negative"),
            ({"dmax": "1"}, "numbers"),
        )
    ),
    ("BatchNormalization", {"renorm_momentum": 2.0}, ["renorm_momentum=2.0", "between 0 and 1"]),
]


def label(x: Any) -> str | None:
    if isinstance(x, dict):
        return ",".join(f"{name}={value}" for name, value in x.items() if not isinstance(value, Recipe))
    return x if isinstance(x, str) else ""


@pytest.mark.parametrize(("layer", "options", "parts"), OPTIONS, ids=label)
def test_wrong_options(layer: str, options: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        Recipe(layer, **options).make(dl_layers)
    for part in parts:
        assert part in str(caught.value), f"{part!r} is not in {str(caught.value)!r}"


# layer, options, input, keyword inputs, what the message has besides the layer's name
CALLS: list[tuple[Recipe, Any, dict[str, Any], list[str]]] = [
    *(
        (Recipe(layer), Input((None,)), {}, ["known size", "(None, None)"])
        for layer in ("GroupNormalization", "RMSNormalization")
    ),
    *(
        (Recipe(layer, axis=3), ones(2, 3), {}, ["axis", "3", "2"])
        for layer in ("GroupNormalization", "RMSNormalization", "UnitNormalization")
    ),
    (Recipe("GroupNormalization"), ones(2, 3), {}, ["3 channels", "groups=32"]),
    (Recipe("GroupNormalization", groups=2), ones(2, 3), {}, ["3 channels", "groups=2"]),
    (Recipe("GroupNormalization", groups=2, axis=0), ones(2, 3), {}, ["axis=0", "batch"]),
    (Recipe("SpectralNormalization", layer=Recipe("ReLU")), ones(2, 3), {}, ["ReLU", "'kernel'", "'embeddings'"]),
    *(
        (Recipe("BatchNormalization"), ones(2, 3, 4), {"mask": np.ones(shape, bool), "training": True}, [str(shape)])
        for shape in ((2, 4), (2, 3, 4), (3,))
    ),
]


@pytest.mark.parametrize(
    ("recipe", "x", "kwargs", "parts"), CALLS, ids=[f"{recipe.name}-{i}" for i, (recipe, *_) in enumerate(CALLS)]
)
def test_wrong_inputs(recipe: Recipe, x: Any, kwargs: dict[str, Any], parts: list[str], backend: Backend) -> None:
    layer = recipe.make(dl_layers, name="the_layer")
    with pytest.raises((ValueError, TypeError)) as caught:
        layer(x, **kwargs)
    message = str(caught.value)
    for part in ["the_layer", *parts]:
        assert part in message, f"{part!r} is not in {message!r}"


@pytest.mark.parametrize(
    ("recipe", "parts"),
    [
        (Recipe("GroupNormalization", groups=1), ["axis -1", "size 3", "found 4"]),
        (Recipe("RMSNormalization"), ["(2, 4)", "3"]),
    ],
    ids=str,
)
def test_other_inputs_than_it_was_built_for(recipe: Recipe, parts: list[str], backend: Backend) -> None:
    layer = recipe.make(dl_layers, name="the_layer")
    layer(ones(2, 3))
    with pytest.raises((ValueError, TypeError)) as caught:
        layer(ones(2, 4))
    for part in ["the_layer", *parts]:
        assert part in str(caught.value), f"{part!r} is not in {str(caught.value)!r}"
