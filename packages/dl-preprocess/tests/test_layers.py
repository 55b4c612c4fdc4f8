"""Preprocessing layers: the layers' own kit on every backend, and formulas in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_preprocess
from dl_layers import Layer
from dl_layers.testing import CHECKS, LayerCase, Recipe
from dl_ops import backend_scope, ops
from dl_ops.backend import Backend
from dl_preprocess import CategoryEncoding, RandomFlip
from dl_preprocess.testing import CASES


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: LayerCase, backend: Backend) -> None:
    CHECKS[check](case, backend)


def test_every_public_layer_has_a_row() -> None:
    public = {name: getattr(dl_preprocess, name) for name in dl_preprocess.__all__}
    layers = {name for name, x in public.items() if isinstance(x, type) and issubclass(x, Layer)}
    assert layers == {case.recipe.name for case in CASES}


# -- random flips --


@pytest.mark.parametrize(
    ("mode", "axes"), [("horizontal", [2]), ("vertical", [1]), ("horizontal_and_vertical", [1, 2])]
)
def test_flips_are_of_each_image_by_itself_with_probability_one_half(mode: str, axes: Any, backend: Backend) -> None:
    images = np.random.default_rng(0).normal(size=(400, 2, 2, 1)).astype("float32")
    flipped = ops.convert_to_numpy(RandomFlip(mode, seed=1)(images, training=True))
    ways = [[axis for axis, chosen in zip(axes, bits, strict=True) if chosen] for bits in np.ndindex(*[2] * len(axes))]
    counts = [0] * len(ways)
    for before, after in zip(images, flipped, strict=True):
        fits = [np.array_equal(np.flip(before, [axis - 1 for axis in way]), after) for way in ways]
        assert sum(fits) == 1
        counts[fits.index(True)] += 1
    expected = 400 / len(ways)
    assert all(abs(count - expected) < 5 * np.sqrt(expected) for count in counts)


def test_flips_are_drawn_anew_and_repeated_by_the_seed(backend: Backend) -> None:
    images = np.random.default_rng(0).normal(size=(64, 2, 2, 1)).astype("float32")
    first, second = RandomFlip(seed=1), RandomFlip(seed=1)
    a, b = (ops.convert_to_numpy(first(images)) for _ in range(2))
    assert (a != b).any()
    assert (ops.convert_to_numpy(second(images)) == a).all()


# -- one layer for several frameworks --


@pytest.mark.parametrize("case", [case for case in CASES if not case.random], ids=str)
def test_one_instance_serves_every_backend(case: LayerCase, backend: Backend) -> None:
    with backend_scope("numpy"):
        layer = case.make()
        args, kwargs = case.arguments("float32")
        expected = ops.convert_to_numpy(layer(*args, **kwargs))
    y = layer(*[backend.to_tensor(x) for x in args], **kwargs)
    assert backend.is_tensor(y)
    np.testing.assert_allclose(ops.convert_to_numpy(y), expected, rtol=1e-5, atol=1e-5)


# -- errors --


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("Rescaling", {"scale": "a"}, r"Rescaling\(scale='a'\)"),
        ("Rescaling", {"scale": None}, r"Rescaling\(scale=None\)"),
        ("Normalization", {"mean": 1.0}, r"Normalization\(mean=...\): give variance too"),
        ("Normalization", {"variance": 1.0}, r"Normalization\(variance=...\): give mean too"),
        ("Normalization", {"axis": "a"}, r"Normalization\(axis='a'\)"),
        ("Normalization", {"mean": 0.0, "variance": -1.0}, r"Normalization\(variance=-1.0\)"),
        ("Resizing", {"height": 0, "width": 3}, r"Resizing\(height=0\): height must be a positive integer"),
        ("Resizing", {"height": 3, "width": 2.5}, r"Resizing\(width=2.5\)"),
        ("Resizing", {"height": 3, "width": 3, "interpolation": "cubic"}, r"interpolation='cubic'\): expected one of"),
        ("Resizing", {"height": 3, "width": 3, "fill_mode": "wrap"}, r"fill_mode='wrap'"),
        ("Resizing", {"height": 3, "width": 3, "data_format": "first"}, r"data_format"),
        (
            "Resizing", {"height": 3, "width": 3, "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
            "only one of them",
        ),
        ("RandomFlip", {"mode": "diagonal"}, r"RandomFlip\(mode='diagonal'\): expected one of"),
        ("RandomFlip", {"seed": "a"}, "seed='a'"),
        ("CategoryEncoding", {"num_tokens": 0}, r"CategoryEncoding\(num_tokens=0\)"),
        ("CategoryEncoding", {}, r"CategoryEncoding\(num_tokens=None\)"),
        ("CategoryEncoding", {"num_tokens": 3, "output_mode": "tf_idf"}, r"output_mode='tf_idf'"),
        ("CategoryEncoding", {"num_tokens": 3, "sparse": True}, r"sparse=True"),
    ],
)  # fmt: skip
def test_wrong_options(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError, NotImplementedError), match=message):
        Recipe(name, **options).make(dl_preprocess)


@pytest.mark.parametrize(
    ("recipe", "inputs", "message"),
    [
        (Recipe("CategoryEncoding", num_tokens=3), np.array([[0, 3]]), "from 0 to 2, got values from 0 to 3"),
        (Recipe("CategoryEncoding", num_tokens=3), np.array([[-1, 2]]), "from 0 to 2, got values from -1 to 2"),
        (Recipe("Resizing", height=2, width=2), np.ones((4, 4), "float32"), "(4, 4)"),
        (Recipe("RandomFlip"), np.ones((4, 4), "float32"), "(4, 4)"),
        (Recipe("Normalization", mean=[1.0, 2.0], variance=[1.0, 2.0]), np.ones((4, 3), "float32"), "mean has 2"),
        (Recipe("Rescaling", scale=[1.0, 2.0]), np.ones((4, 3), "float32"), "(4, 3)"),
    ],
    ids=["too large", "negative", "no image", "no image to flip", "other statistics", "other channels"],
)
def test_wrong_inputs(recipe: Recipe, inputs: Any, message: str, backend: Backend) -> None:
    layer = recipe.make(dl_preprocess, name="the_layer")
    with pytest.raises(ValueError, match="the_layer") as caught:
        layer(inputs)
    assert message in str(caught.value)


def test_count_weights_are_for_counts() -> None:
    with pytest.raises(ValueError, match="count_weights are for output_mode='count', not 'multi_hot'"):
        CategoryEncoding(3)(np.array([[0, 1]]), count_weights=np.ones((1, 2)))
