"""Plausible mistakes with poolings and with layers that change shapes: the error names the layer, the argument, what
came and what was expected.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers.testing import Recipe
from dl_ops.backend import Backend

RANKS = (1, 2, 3)
WINDOWS = [(f"{kind}Pooling{rank}D", rank) for kind in ("Max", "Average") for rank in RANKS]
ADAPTIVE = [(f"Adaptive{kind}Pooling{rank}D", rank) for kind in ("Max", "Average") for rank in RANKS]
GLOBAL = [(f"Global{kind}Pooling{rank}D", rank) for kind in ("Max", "Average") for rank in RANKS]
PADDING = [(f"ZeroPadding{rank}D", rank, "padding") for rank in RANKS]
CROPPING = [(f"Cropping{rank}D", rank, "cropping") for rank in RANKS]
NEEDED: dict[str, dict[str, Any]] = {
    **{name: {"pool_size": 2} for name, _ in WINDOWS},
    **{name: {"output_size": 2} for name, _ in ADAPTIVE},
    "Permute": {"dims": (2, 1)},
    "RepeatVector": {"n": 2},
    "Reshape": {"target_shape": (3,)},
}
WITH_FORMAT = [
    *(name for name, _ in [*WINDOWS, *ADAPTIVE, *GLOBAL]),
    *(name for name, *_ in PADDING),
    "Cropping2D",
    "Cropping3D",
    "UpSampling2D",
    "UpSampling3D",
    "Flatten",
]
OTHER_SIDES: dict[int, list[Any]] = {1: [(1, 2, 3), ((1, 2),)], 2: [(1,), ((1, 2), (3,))], 3: [(1, 2), ((1, 2),) * 2]}

# layer, options, what the message has
OPTIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    *(
        (layer, {"pool_size": 2, name: value}, [f"{layer}({name}={value!r})", f"integer or {rank} integers"])
        for layer, rank in WINDOWS
        for name in ("pool_size", "strides")
        for value in (0, -1, 1.5, "ab", (1,) * (rank + 1))
    ),
    *(
        (layer, {"pool_size": 2, "padding": value}, [f"{layer}(padding={value!r})", "'valid'", "'same'"])
        for layer, _ in WINDOWS
        for value in ("full", 1, None)
    ),
    *(
        (layer, {"output_size": value}, [f"{layer}(output_size={value!r})", f"integer or {rank} integers"])
        for layer, rank in ADAPTIVE
        for value in (0, 1.5, None, (2,) * (rank + 1))
    ),
    *(
        (layer, {**NEEDED.get(layer, {}), "data_format": value}, [f"{layer}(data_format={value!r})", "channels_last"])
        for layer in WITH_FORMAT
        for value in ("channels", 3)
    ),
    *(
        (layer, {name: value}, [f"{layer}({name}={value!r})", "not negative"])
        for layer, rank, name in [*PADDING, *CROPPING]
        for value in (-1, 1.5, "ab", None, True, *OTHER_SIDES[rank])
    ),
    *(
        ("UpSampling1D", {"size": value}, [f"UpSampling1D(size={value!r})", "positive"])
        for value in (0, 2.0, (2,), "2")
    ),
    *(
        (f"UpSampling{rank}D", {"size": value}, [f"UpSampling{rank}D(size={value!r})", f"integer or {rank} integers"])
        for rank in (2, 3)
        for value in (0, 2.0, (2,), "2")
    ),
    *(
        ("UpSampling2D", {"interpolation": value}, [f"UpSampling2D(interpolation={value!r})", "'bilinear'"])
        for value in ("area", "linear", 3, None)
    ),
    *(
        ("Permute", {"dims": value}, [f"Permute(dims={value!r})", "integers from 1"])
        for value in ((0, 1), (1, 1), (2, 3), (1.0, 2.0), 1, "12", ())
    ),
    *(("RepeatVector", {"n": value}, [f"RepeatVector(n={value!r})", "positive"]) for value in (0, -1, 2.0, "2", None)),
    *(
        ("Reshape", {"target_shape": value}, [f"Reshape(target_shape={value!r})", "expected positive integers"])
        for value in ((-2, 1), (None, -1), (None, None), (True, 2), None)
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


def ones(*shape: int) -> Any:
    return np.ones(shape, "float32")


SPATIAL = [*WINDOWS, *ADAPTIVE, *GLOBAL, *(row[:2] for row in [*PADDING, *CROPPING])]
SPATIAL += [(f"UpSampling{rank}D", rank) for rank in RANKS]

CALLS: list[tuple[Recipe, Any, dict[str, Any], list[str]]] = [
    *(
        (Recipe(name, **NEEDED.get(name, {})), ones(*(4,) * n), {}, [f"ndim={rank + 2}", str((4,) * n)])
        for name, rank in SPATIAL
        for n in (rank + 1, rank + 3)
    ),
    *(
        (Recipe(name, pool_size=5), ones(2, *(4,) * rank, 3), {}, [str((5,) * rank), "does not fit"])
        for name, rank in WINDOWS
    ),
    *(
        (Recipe(name, cropping=2), ones(2, *(4,) * rank, 3), {}, [f"{name} 'the_layer'", "leaves nothing", "(2, 4"])
        for name, rank, _ in CROPPING
    ),
    (Recipe("Permute", dims=(2, 1)), ones(2, 3), {}, ["ndim=3", "(2, 3)"]),
    (Recipe("RepeatVector", n=2), ones(2, 3, 4), {}, ["ndim=2", "(2, 3, 4)"]),
    (Recipe("Reshape", target_shape=(None, 2)), ones(2, 3), {}, ["(3,)", "(None, 2)"]),
    (Recipe("Flatten"), np.float32(1.0), {}, ["min_ndim=1", "()"]),
    *(
        (
            Recipe("GlobalAveragePooling1D"), ones(2, 4, 3), {"mask": np.ones(shape, bool)},
            ["mask", str(shape), "(2, 4, 3)", "expected (2, 4)"],
        )
        for shape in ((2, 3), (2, 4, 3), (4,))
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("recipe", "x", "kwargs", "parts"), CALLS, ids=[f"{recipe.name}-{'-'.join(parts)}" for recipe, _, _, parts in CALLS]
)
def test_wrong_inputs(recipe: Recipe, x: Any, kwargs: dict[str, Any], parts: list[str], backend: Backend) -> None:
    layer = recipe.make(dl_layers, name="the_layer")
    with pytest.raises((ValueError, TypeError)) as caught:
        layer(x, **kwargs)
    message = str(caught.value)
    for part in ["the_layer", *parts]:
        assert part in message, f"{part!r} is not in {message!r}"


def test_shapes_are_checked_without_a_call() -> None:
    for layer, shape in (
        (dl_layers.Cropping2D(2), (None, None, 4, 3)),
        (dl_layers.Reshape((4,)), (None, 3)),
        (dl_layers.MaxPooling1D(3), (None, 2, 3)),
    ):
        with pytest.raises(ValueError, match=r"3|4"):
            layer.compute_output_shape(shape)
