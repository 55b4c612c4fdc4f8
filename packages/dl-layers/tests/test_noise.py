"""Layers that act while training alone: what is drawn, from which seed, and that nothing is while they are used."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers.testing import Recipe
from dl_ops import ops
from dl_ops.backend import Backend

# standard normal inputs
X = np.random.default_rng(5).normal(size=(200, 100)).astype("float32")
LAYERS = [
    Recipe("Dropout", rate=0.3),
    Recipe("AlphaDropout", rate=0.3),
    Recipe("GaussianDropout", rate=0.3),
    Recipe("GaussianNoise", stddev=2.0),
]
# as large as selu gets for very negative inputs
LOWEST = -1.7580993408473766


@pytest.fixture(autouse=True)
def draws(backend: Backend) -> None:
    if not backend.trainable:
        pytest.skip("inference draws nothing")


def drawn(recipe: Recipe, x: Any = X, **more: Any) -> Any:
    return ops.convert_to_numpy(recipe.make(dl_layers, **more)(x, training=True))


def stddev_of(recipe: Recipe) -> float:
    """Standard deviation of the outputs for inputs of 1."""
    rate = recipe.options.get("rate", 0.0)
    return 1.0 if recipe.name == "AlphaDropout" else math.sqrt(1 / (1 - rate) if rate else 1 + 2.0**2)


@pytest.mark.parametrize("recipe", LAYERS, ids=lambda recipe: recipe.name)
def test_the_mean_stays(recipe: Recipe, backend: Backend) -> None:
    y = drawn(recipe, seed=1)
    # five standard errors of what the layer adds
    assert abs(y.mean() - X.mean()) < 5 * stddev_of(recipe) / math.sqrt(X.size)
    assert abs(y.std() / stddev_of(recipe) - 1) < 0.03


@pytest.mark.parametrize("recipe", LAYERS, ids=lambda recipe: recipe.name)
def test_seeds(recipe: Recipe, backend: Backend) -> None:
    first = recipe.make(dl_layers, seed=1)
    one, two = (ops.convert_to_numpy(first(X, training=True)) for _ in range(2))
    assert (one != two).any()
    assert (drawn(recipe, seed=1) == one).all()
    assert (drawn(recipe, seed=2) != one).any()
    assert (drawn(recipe) != drawn(recipe)).any()


@pytest.mark.parametrize("recipe", LAYERS, ids=lambda recipe: recipe.name)
def test_nothing_is_drawn_unless_training(recipe: Recipe, backend: Backend) -> None:
    layer = recipe.make(dl_layers, seed=1)
    state = layer.seed_generator.state.numpy().copy()
    for training in (None, False):
        assert (ops.convert_to_numpy(layer(X, training=training)) == X).all()
    assert (layer.seed_generator.state.numpy() == state).all()
    silent = Recipe(recipe.name, **dict.fromkeys(recipe.options, 0.0)).make(dl_layers)
    assert silent.variables == []
    assert (ops.convert_to_numpy(silent(X, training=True)) == X).all()


def test_the_share_that_dropout_drops(backend: Backend) -> None:
    y = drawn(Recipe("Dropout", rate=0.3), seed=3)
    kept = y != 0
    assert abs(kept.mean() - 0.7) < 5 * math.sqrt(0.21 / X.size)
    np.testing.assert_allclose(y[kept], X[kept] / 0.7, rtol=1e-6)


def test_alpha_dropout_sets_the_lowest_value_of_selu(backend: Backend) -> None:
    y = drawn(Recipe("AlphaDropout", rate=0.3), seed=3)
    scale = (0.7 * (1 + 0.3 * LOWEST**2)) ** -0.5
    before = (y + 0.3 * scale * LOWEST) / scale
    dropped = np.abs(before - LOWEST) < 1e-5
    assert abs(dropped.mean() - 0.3) < 5 * math.sqrt(0.21 / X.size)
    np.testing.assert_allclose(before[~dropped], X[~dropped], atol=1e-5)


@pytest.mark.parametrize("name", ["Dropout", "AlphaDropout"])
def test_a_mask_that_is_shared_along_an_axis(name: str, backend: Backend) -> None:
    ones = np.ones((5, 40, 3), "float32")
    y = drawn(Recipe(name, rate=0.5, noise_shape=(None, 1, None), seed=1), ones)
    assert (y == y[:, :1]).all()
    assert len(np.unique(y)) == 2


@pytest.mark.parametrize(
    ("name", "shape", "axes", "options"),
    [
        ("SpatialDropout1D", (4, 5, 50), (1,), {}),
        ("SpatialDropout2D", (4, 5, 6, 50), (1, 2), {"data_format": "channels_last"}),
        ("SpatialDropout2D", (4, 50, 5, 6), (2, 3), {"data_format": "channels_first"}),
        ("SpatialDropout3D", (4, 5, 6, 2, 50), (1, 2, 3), {"data_format": "channels_last"}),
        ("SpatialDropout3D", (4, 50, 5, 6, 2), (2, 3, 4), {"data_format": "channels_first"}),
    ],
    ids=str,
)
def test_whole_channels_are_dropped(
    name: str, shape: Any, axes: Any, options: dict[str, Any], backend: Backend
) -> None:
    y = drawn(Recipe(name, rate=0.5, seed=1, **options), np.ones(shape, "float32"))
    channels = y.mean(axes)
    assert set(np.unique(channels)) == {0.0, 2.0}
    assert 50 < (channels == 0).sum() < 150


@pytest.mark.parametrize("policy", ["mixed_float16", "float32"])
def test_the_policy_of_spatial_dropout_is_kept(policy: str, backend: Backend) -> None:
    layer = dl_layers.SpatialDropout1D(0.5, dtype=policy)
    assert layer.get_config()["dtype"] == policy
    again = dl_layers.SpatialDropout1D.from_config(layer.get_config())
    assert again.dtype_policy == layer.dtype_policy
