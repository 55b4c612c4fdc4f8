"""Masks and penalties on outputs beside Keras's: what is carried, combined and left out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

import dl
from dl_layers.layer.masks import get_mask

# Keras's variables are of the older protocol
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.array([[[1, 2], [3, 4], [5, 6]], [[-1, 2], [0, 0], [2, -2]]], "float32")
Y = np.array([[[10, 0], [1, 1], [7, 9]], [[0, 0], [3, -3], [1, 1]]], "float32")


@pytest.fixture(autouse=True)
def on_jax() -> Iterator[None]:
    with dl.backend_scope("jax"):
        yield


def outcome(library: Any, name: str, values: list[float | None], options: dict[str, Any]) -> tuple[Any, Any]:
    """Outputs and mask of a layer over inputs of which steps of a value are masked, if there is one."""
    inputs = [
        jax.numpy.asarray(x) if value is None else library.layers.Masking(value)(jax.numpy.asarray(x))
        for x, value in zip((X, Y), values, strict=False)
    ]
    y = getattr(library.layers, name)(**options)(inputs if len(inputs) > 1 else inputs[0])
    mask = get_mask(y) if library is dl else getattr(y, "_keras_mask", None)
    return np.asarray(y), None if mask is None else np.asarray(mask).tolist()


MERGES: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")),
    ("Concatenate", {"axis": 1}),
    ("Dot", {"axes": 2}),
]


@pytest.mark.parametrize(("name", "options"), MERGES, ids=str)
@pytest.mark.parametrize("values", [(0.0, 0.0), (0.0, 1.0), (0.0, None), (None, 0.0), (None, None)], ids=str)
def test_masks_of_several_inputs(name: str, options: dict[str, Any], values: Any) -> None:
    found, mask = outcome(dl, name, values, options)
    expected, wanted = outcome(keras, name, values, options)
    assert mask == wanted
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Masking", {"mask_value": 2.0}),
        # a sequence without a step that counts has the mean 0 here, and in Keras none, which would spoil all weights
        ("GlobalAveragePooling1D", {}),
        ("GlobalAveragePooling1D", {"keepdims": True}),
        ("Dropout", {"rate": 0.5}),
        ("Activation", {"activation": "relu"}),
        ("Identity", {}),
        ("PReLU", {}),
    ],
    ids=str,
)
def test_masks_of_one_input(name: str, options: dict[str, Any]) -> None:
    found, mask = outcome(dl, name, [0.0], options)
    expected, wanted = outcome(keras, name, [0.0], options)
    assert mask == wanted
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ActivityRegularization", {"l1": 0.1, "l2": 0.2}),
        ("Dense", {"units": 2, "kernel_initializer": "ones", "activity_regularizer": "l1"}),
        ("Flatten", {"activity_regularizer": "l2"}),
    ],
    ids=str,
)
def test_penalties_on_outputs(name: str, options: dict[str, Any]) -> None:
    found = []
    for library in (dl, keras):
        layer = getattr(library.layers, name)(**options)
        layer(X)
        found.append([float(loss) for loss in layer.losses])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)
