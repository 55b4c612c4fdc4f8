"""Architectures beside Keras's own, with the same weights."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import dl

# Keras's variables are of the older protocol
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

IMAGES = np.random.default_rng(0).uniform(-2, 2, (2, 32, 32, 3)).astype("float32")
MODES = ["caffe", "tf", "torch"]


@pytest.fixture(autouse=True)
def _on_jax() -> Any:
    assert keras.backend.backend() == "jax"
    with dl.backend_scope("jax"):
        yield


def shaken(model: Any) -> Any:
    """Give a model weights of which no two are alike, the means and variances of its normalization too."""
    generator = np.random.default_rng(1)
    model.set_weights([w + generator.uniform(0.0, 0.02, w.shape).astype(w.dtype) for w in model.get_weights()])
    return model


@pytest.mark.parametrize("options", [{"classes": 10}, {"include_top": False, "pooling": "max"}], ids=str)
def test_a_weights_file_of_keras_gives_the_outputs_of_keras(options: dict[str, Any], tmp_path: Path) -> None:
    shape = IMAGES.shape[1:]
    theirs = shaken(keras.applications.DenseNet121(weights=None, input_shape=shape, **options))
    theirs.save_weights(tmp_path / "densenet121.weights.h5")
    ours = dl.applications.DenseNet121(weights=tmp_path / "densenet121.weights.h5", input_shape=shape, **options)
    np.testing.assert_allclose(ours.predict(IMAGES, verbose=0), theirs.predict(IMAGES, verbose=0), rtol=1e-5, atol=1e-5)


def test_a_weights_file_of_ours_gives_keras_our_outputs(tmp_path: Path) -> None:
    shape = IMAGES.shape[1:]
    ours = shaken(dl.applications.DenseNet121(weights=None, input_shape=shape, classes=5))
    ours.save_weights(tmp_path / "densenet121.weights.h5")
    theirs = keras.applications.DenseNet121(weights=tmp_path / "densenet121.weights.h5", input_shape=shape, classes=5)
    np.testing.assert_allclose(ours.predict(IMAGES, verbose=0), theirs.predict(IMAGES, verbose=0), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["DenseNet121", "DenseNet169", "DenseNet201"])
def test_layers_and_weights_have_the_names_of_keras(name: str) -> None:
    keras.backend.clear_session(free_memory=False)
    dl.backend.clear_session(free_memory=False)
    theirs = getattr(keras.applications, name)(weights=None, input_shape=(32, 32, 3))
    ours = getattr(dl.applications, name)(weights=None, input_shape=(32, 32, 3))
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert [(w.path, tuple(w.shape)) for w in ours.weights] == [(w.path, tuple(w.shape)) for w in theirs.weights]
    assert ours.name == theirs.name


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("as_tensor", [False, True])
def test_preprocessing_agrees(mode: str, data_format: str, as_tensor: bool) -> None:
    x = np.random.default_rng(0).uniform(0, 255, (2, 3, 5, 3)).astype("float32")
    # Keras writes into the array that it is given
    theirs = keras.applications.imagenet_utils.preprocess_input(
        keras.ops.convert_to_tensor(x) if as_tensor else x.copy(), data_format, mode
    )
    ours = dl.applications.imagenet_utils.preprocess_input(
        dl.ops.convert_to_tensor(x) if as_tensor else x, data_format, mode
    )
    np.testing.assert_allclose(dl.ops.convert_to_numpy(ours), keras.ops.convert_to_numpy(theirs), rtol=1e-5, atol=2e-5)
