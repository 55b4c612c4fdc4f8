"""DenseNet: its size, its names, its arguments, its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_apps import DenseNet121, DenseNet169, DenseNet201
from dl_layers import Input
from dl_ops import backend_scope, config, ops
from dl_preprocess import Rescaling

SMALL = (32, 32, 3)


@pytest.fixture(autouse=True)
def _on_numpy() -> Any:
    with backend_scope("numpy"):
        yield


@pytest.mark.parametrize(
    ("architecture", "parameters", "features"),
    [(DenseNet121, 8_062_504, 1024), (DenseNet169, 14_307_880, 1664), (DenseNet201, 20_242_984, 1920)],
)
def test_sizes_are_those_of_the_published_models(architecture: Any, parameters: int, features: int) -> None:
    model = architecture(weights=None)
    assert model.count_params() == parameters
    assert (model.input_shape, model.output_shape) == ((None, 224, 224, 3), (None, 1000))
    assert model.get_layer("avg_pool").output.shape == (None, features)


@pytest.mark.parametrize(("architecture", "depth"), [(DenseNet121, 121), (DenseNet169, 169), (DenseNet201, 201)])
def test_the_depth_counts_convolutions_and_the_classifier(architecture: Any, depth: int) -> None:
    model = architecture(weights=None, input_shape=SMALL)
    assert sum(type(layer).__name__ in ("Conv2D", "Dense") for layer in model.layers) == depth
    assert model.name == f"densenet{depth}"


@pytest.mark.parametrize(
    ("options", "shape", "last"),
    [
        ({"classes": 7}, (None, 7), "predictions"),
        ({"include_top": False}, (None, 1, 1, 1024), "relu"),
        ({"include_top": False, "pooling": "avg"}, (None, 1024), "avg_pool"),
        ({"include_top": False, "pooling": "max"}, (None, 1024), "max_pool"),
    ],
)
def test_heads(options: dict[str, Any], shape: tuple[int | None, ...], last: str) -> None:
    model = DenseNet121(weights=None, input_shape=SMALL, **options)
    assert model.output_shape == shape
    assert model.layers[-1].name == last


def test_without_a_classifier_images_may_have_any_size() -> None:
    model = DenseNet121(include_top=False, weights=None, pooling="avg")
    assert model.input_shape == (None, None, None, 3)
    assert model(np.zeros((1, 40, 52, 3), "float32")).shape == (1, 1024)


def test_probabilities_sum_to_one_and_logits_do_not() -> None:
    images = np.random.default_rng(0).uniform(-1, 1, (2, *SMALL)).astype("float32")
    model = DenseNet121(weights=None, input_shape=SMALL, classes=5)
    logits = DenseNet121(weights=None, input_shape=SMALL, classes=5, classifier_activation=None)
    logits.set_weights(model.get_weights())
    probabilities = ops.convert_to_numpy(model(images))
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    exponentials = np.exp(ops.convert_to_numpy(logits(images)))
    np.testing.assert_allclose(exponentials / exponentials.sum(1, keepdims=True), probabilities, rtol=1e-5)


def test_layers_before_the_network_become_part_of_it() -> None:
    image = Input((40, 40, 3))
    model = DenseNet121(weights=None, input_tensor=Rescaling(1 / 255)(image), classes=2)
    assert model.input_shape == (None, 40, 40, 3)
    assert [type(layer).__name__ for layer in model.layers[:3]] == ["InputLayer", "Rescaling", "ZeroPadding2D"]


def test_channels_come_first_where_that_is_configured() -> None:
    config.set_image_data_format("channels_first")
    try:
        model = DenseNet121(weights=None, input_shape=(3, 32, 32), classes=3)
    finally:
        config.set_image_data_format("channels_last")
    assert model.get_layer("conv1_conv").output.shape == (None, 64, 16, 16)
    assert model.count_params() == DenseNet121(weights=None, input_shape=SMALL, classes=3).count_params()


def test_weights_of_a_file_give_the_same_predictions(tmp_path: Path) -> None:
    path = tmp_path / "densenet.weights.h5"
    first = DenseNet121(weights=None, input_shape=SMALL, classes=4)
    first.save_weights(path)
    second = DenseNet121(weights=path, input_shape=SMALL, classes=4)
    images = np.random.default_rng(0).uniform(-1, 1, (2, *SMALL)).astype("float32")
    np.testing.assert_array_equal(first(images), second(images))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r'nothing is downloaded.*keras.applications.DenseNet121\(weights="imagenet"\).*densenet121.weights.h5'),
        ({"include_top": False}, r'weights="imagenet", include_top=False'),
        ({"classes": 10}, "classes=10.*1000"),
        ({"weights": "nowhere.weights.h5"}, "no such file"),
        ({"weights": 3}, "expected None or the path"),
        ({"weights": None, "input_shape": (16, 16, 3)}, r"input_shape=\(16, 16, 3\).*32 x 32"),
        ({"weights": None, "input_shape": (32, 32)}, "three integers"),
        ({"weights": None, "input_shape": (None, None, 3)}, "known sizes"),
        ({"weights": None, "pooling": "median"}, "pooling='median'"),
        ({"weights": None, "classes": 0}, "classes=0"),
        ({"weights": None, "classifier_activation": "sofmax", "input_shape": SMALL}, "did you mean 'softmax'"),
    ],
)
def test_wrong_arguments_are_explained(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DenseNet121(**options)


def test_a_legacy_file_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "densenet121_weights_tf_dim_ordering_tf_kernels.h5"
    path.touch()
    with pytest.raises(ValueError, match=r"legacy format.*save_weights"):
        DenseNet121(weights=path)


def test_pretrained_classifiers_keep_their_activation(tmp_path: Path) -> None:
    path = tmp_path / "some.weights.h5"
    path.touch()
    with pytest.raises(ValueError, match="classifier_activation='relu'"):
        DenseNet121(weights=path, classifier_activation="relu")
