"""Preprocessing layers inside the data pipelines of frameworks, whatever backend is active."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_preprocess
from dl_layers.testing import Recipe
from dl_ops import backend_scope, ops
from dl_ops.testing.pytest_backends import backends_under_test

X = np.random.default_rng(0).uniform(0, 16, (12, 8, 8, 1)).astype("float32")
LAYERS = [
    Recipe("Rescaling", scale=1 / 16),
    Recipe("Normalization", mean=8.0, variance=16.0, axis=None),
    Recipe("Resizing", height=4, width=6),
    Recipe("RandomFlip", seed=1),
]
ACTIVE = [name for name in ("numpy", "jax") if name in ["numpy", *backends_under_test()]]


@pytest.mark.parametrize("active", ACTIVE)
@pytest.mark.parametrize("recipe", LAYERS, ids=lambda recipe: recipe.name)
def test_in_tf_data(recipe: Recipe, active: str) -> None:
    if "tensorflow" not in backends_under_test():
        pytest.skip("needs the TensorFlow backend")
    import tensorflow as tf

    with backend_scope(active):
        layer = recipe.make(dl_preprocess)
        expected = ops.convert_to_numpy(layer(X))
        data = tf.data.Dataset.from_tensor_slices(X).batch(5).map(layer)
        found = np.concatenate([batch.numpy() for batch in data])
        # the layer's own use afterwards is what it was before
        assert ops.convert_to_numpy(layer(X)).shape == expected.shape
    assert_like(recipe, found, expected)


def test_encoding_in_tf_data() -> None:
    if "tensorflow" not in backends_under_test():
        pytest.skip("needs the TensorFlow backend")
    import tensorflow as tf

    layer = dl_preprocess.CategoryEncoding(3, output_mode="count")
    data = tf.data.Dataset.from_tensor_slices(np.array([[0, 1], [1, 1], [2, 0]])).batch(2).map(layer)
    assert np.concatenate(list(data)).tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]


@pytest.mark.parametrize("active", ACTIVE)
@pytest.mark.parametrize("recipe", LAYERS, ids=lambda recipe: recipe.name)
def test_in_the_collate_function_of_a_torch_data_loader(recipe: Recipe, active: str) -> None:
    if "torch" not in backends_under_test():
        pytest.skip("needs the Torch backend")
    import torch

    with backend_scope(active):
        layer = recipe.make(dl_preprocess)
        expected = ops.convert_to_numpy(layer(X))

        def collate(items: Any) -> Any:
            return layer(torch.stack(items))

        batches = list(torch.utils.data.DataLoader(torch.from_numpy(X), batch_size=5, collate_fn=collate))
    assert all(isinstance(batch, torch.Tensor) for batch in batches)
    assert_like(recipe, np.concatenate([batch.numpy() for batch in batches]), expected)


@pytest.mark.parametrize("name", ["tensorflow", "torch"])
def test_adapt_from_a_pipeline(name: str) -> None:
    if name not in backends_under_test():
        pytest.skip(f"needs the {name} backend")
    if name == "tensorflow":
        import tensorflow as tf

        data: Any = tf.data.Dataset.from_tensor_slices((X, np.arange(12))).batch(5)
    else:
        import torch

        data = torch.utils.data.DataLoader(
            torch.utils.data.TensorDataset(torch.from_numpy(X), torch.arange(12)), batch_size=5
        )
    layer = dl_preprocess.Normalization(axis=None)
    layer.adapt(data)
    np.testing.assert_allclose(layer.mean_weight.numpy(), X.mean(), rtol=1e-5)
    np.testing.assert_allclose(layer.variance_weight.numpy(), X.var(), rtol=1e-5)


def assert_like(recipe: Recipe, found: Any, expected: Any) -> None:
    """The same values, except where they are drawn: then each image is one of its mirror images."""
    if recipe.name != "RandomFlip":
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
        return
    for image, original in zip(found, X, strict=True):
        assert any(np.array_equal(np.flip(original, axes), image) for axes in ((), (0,), (1,), (0, 1)))
