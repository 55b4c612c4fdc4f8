"""What goes into models trained on ImageNet, and what comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_apps import densenet
from dl_apps.imagenet_utils import decode_predictions, preprocess_input
from dl_layers import Input
from dl_ops import config, ops
from dl_ops.backend import Backend
from dl_ops.typing import Array

NAMES = {0: ("n1", "ant"), 1: ("n2", "bee"), 2: ("n3", "cat")}


def reference(images: Array, mode: str) -> Array:
    """The three ways, written out for images with the channels last, in float64."""
    x = images.astype("float64")
    if mode == "caffe":
        return np.stack([x[..., 2] - 103.939, x[..., 1] - 116.779, x[..., 0] - 123.68], axis=-1)
    if mode == "tf":
        return x / 127.5 - 1
    scaled = x / 255
    return np.stack(
        [(scaled[..., 0] - 0.485) / 0.229, (scaled[..., 1] - 0.456) / 0.224, (scaled[..., 2] - 0.406) / 0.225], axis=-1
    )


@pytest.fixture(params=[(5, 4, 3), (2, 5, 4, 3)], ids=["image", "batch"])
def images(request: pytest.FixtureRequest) -> Array:
    return np.random.default_rng(0).integers(0, 256, request.param).astype("uint8")


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
@pytest.mark.parametrize("channels_first", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_arrays(images: Array, mode: str, channels_first: bool, dtype: str) -> None:
    expected = reference(images, mode)
    x = images.astype(dtype)
    if channels_first:
        x, expected = np.moveaxis(x, -1, -3).copy(), np.moveaxis(expected, -1, -3)
    before = x.copy()
    y = preprocess_input(x, "channels_first" if channels_first else "channels_last", mode=mode)
    assert isinstance(y, np.ndarray)
    assert y.dtype == ("float64" if dtype == "float64" else "float32")
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=2e-5)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_tensors_of_any_backend(images: Array, mode: str, dtype: str, backend: Backend) -> None:
    y = preprocess_input(ops.convert_to_tensor(images, dtype), mode=mode)
    assert backend.is_tensor(y)
    np.testing.assert_allclose(ops.convert_to_numpy(y), reference(images, mode), rtol=1e-5, atol=2e-5)


def test_symbolic_images() -> None:
    assert preprocess_input(Input((None, None, 3))).shape == (None, None, None, 3)


def test_the_configured_data_format_counts() -> None:
    image = np.arange(12.0).reshape(3, 2, 2)
    config.set_image_data_format("channels_first")
    try:
        y = preprocess_input(image)
    finally:
        config.set_image_data_format("channels_last")
    np.testing.assert_allclose(np.moveaxis(y, 0, -1), reference(np.moveaxis(image, 0, -1), "caffe"))


def test_densenet_takes_the_torch_mode(images: Array) -> None:
    np.testing.assert_allclose(densenet.preprocess_input(images), reference(images, "torch"), rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "theano"}, r"mode='theano'\): expected one of 'caffe'"),
        ({"mode": "tf", "data_format": "last"}, "data_format='last'"),
        ({"data_format": "channels_first"}, r"shape \(2, 2, 3\).*axis -3"),
    ],
)
def test_wrong_arguments_are_explained(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        preprocess_input(np.zeros((2, 2, 3)), **options)


def test_the_highest_scores_come_first(backend: Backend) -> None:
    scores = ops.convert_to_tensor([[0.25, 0.5, 0.125], [0.0, 0.25, 1.0]])
    assert decode_predictions(scores, top=2, class_index=NAMES) == [
        [("n2", "bee", 0.5), ("n1", "ant", 0.25)],
        [("n3", "cat", 1.0), ("n2", "bee", 0.25)],
    ]


def test_equal_scores_keep_the_order_of_the_classes() -> None:
    (names,) = decode_predictions(np.ones((1, 3)), top=3, class_index=NAMES)
    assert [name for _, name, _ in names] == ["ant", "bee", "cat"]


def test_names_are_read_from_a_file_as_keras_has_it(tmp_path: Path) -> None:
    path = tmp_path / "imagenet_class_index.json"
    path.write_text(json.dumps({str(index): list(entry) for index, entry in NAMES.items()}))
    assert decode_predictions([[0.0, 1.0, 0.0]], top=1, class_index=path) == [[("n2", "bee", 1.0)]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "pass class_index="),
        ({"class_index": {0: ("n1", "ant")}}, r"shape \(1, 3\).*\(samples, 1\)"),
        ({"class_index": {0: ("n1", "ant"), 2: ("n3", "cat")}}, "class 1 is None"),
        ({"class_index": {0: "ant"}}, "class 0 is 'ant'"),
        ({"class_index": NAMES, "top": 4}, "top=4.*expected 1 to 3"),
        ({"class_index": "nowhere.json"}, "nowhere.json.*cannot be read"),
    ],
)
def test_a_class_index_that_does_not_fit_is_explained(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode_predictions(np.ones((1, 3)), **options)
