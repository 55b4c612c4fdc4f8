"""What layers take by name beside Keras's own: initializers, regularizers, constraints, activations, dtype policies;
and the preprocessing layers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import dl
from dl_layers import activations
from dl_layers.initializers.windows import WINDOWS
from dl_layers.testing import LayerCase
from dl_preprocess.testing import CASES

# Keras's variables are of the older protocol
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32") * 2


@pytest.fixture(autouse=True)
def on_jax() -> Iterator[None]:
    with dl.backend_scope("jax"):
        yield


def plain(config: Any) -> Any:
    """A configuration as JSON has it, floats as float32 has them."""
    if isinstance(config, dict):
        return {name: plain(value) for name, value in config.items()}
    if isinstance(config, (list, tuple)):
        return [plain(value) for value in config]
    return float(np.float32(config)) if isinstance(config, float) else config


OBJECTS: list[tuple[str, str, dict[str, Any]]] = [
    ("initializers", "Zeros", {}),
    ("initializers", "Ones", {}),
    ("initializers", "Constant", {"value": 2.5}),
    ("initializers", "Orthogonal", {"gain": 2.0, "seed": 3}),
    ("initializers", "RandomNormal", {"mean": 1.0, "stddev": 2.0, "seed": 3}),
    ("initializers", "RandomUniform", {"minval": -1.0, "maxval": 2.0, "seed": 3}),
    ("initializers", "TruncatedNormal", {"stddev": 2.0}),
    *(
        ("initializers", "VarianceScaling", {"scale": 3.0, "mode": mode, "distribution": distribution})
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("uniform", "truncated_normal", "untruncated_normal")
    ),
    *(
        ("initializers", f"{who}{kind}", {"seed": 5})
        for who in ("Glorot", "He", "Lecun")
        for kind in ("Uniform", "Normal")
    ),
    ("initializers", "STFT", {"side": "imag", "window": "blackman", "scaling": None, "periodic": True}),
    ("regularizers", "L1", {"l1": 0.3}),
    ("regularizers", "L2", {"l2": 0.3}),
    ("regularizers", "L1L2", {"l1": 0.1, "l2": 0.2}),
    ("regularizers", "OrthogonalRegularizer", {"factor": 0.5}),
    ("regularizers", "OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
    ("constraints", "MaxNorm", {"max_value": 1.5}),
    ("constraints", "UnitNorm", {"axis": 1}),
    ("constraints", "NonNeg", {}),
    ("constraints", "MinMaxNorm", {"min_value": 1.0, "max_value": 2.0, "rate": 0.5}),
]


@pytest.mark.parametrize(("kind", "name", "options"), OBJECTS, ids=str)
def test_configurations_travel_both_ways(kind: str, name: str, options: dict[str, Any]) -> None:
    ours, theirs = getattr(dl, kind), getattr(keras, kind)
    one, other = getattr(ours, name)(**options), getattr(theirs, name)(**options)
    assert plain(ours.serialize(one)) == plain(theirs.serialize(other))
    assert type(ours.deserialize(theirs.serialize(other))) is type(one)
    assert type(theirs.deserialize(ours.serialize(one))) is type(other)


@pytest.mark.parametrize(("kind", "name", "options"), [row for row in OBJECTS if row[0] != "initializers"], ids=str)
def test_penalties_and_projections_are_keras_s(kind: str, name: str, options: dict[str, Any]) -> None:
    if "mode" in options:
        pytest.skip("Keras divides columns by the norms of rows")
    ours = getattr(getattr(dl, kind), name)(**options)(X)
    theirs = getattr(getattr(keras, kind), name)(**options)(X)
    np.testing.assert_allclose(dl.ops.convert_to_numpy(ours), np.asarray(theirs), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", sorted({row[1] for row in OBJECTS if row[0] == "initializers"} - {"Constant", "STFT"}))
@pytest.mark.parametrize("shape", [(64, 64), (3, 3, 16, 32)], ids=str)
def test_initializers_have_the_moments_of_keras_s(name: str, shape: tuple[int, ...]) -> None:
    if name == "Identity" and len(shape) > 2:
        pytest.skip("an identity is a matrix")
    ours = dl.ops.convert_to_numpy(getattr(dl.initializers, name)()(shape))
    theirs = np.asarray(getattr(keras.initializers, name)()(shape))
    deviation = theirs.std()
    assert abs(ours.mean() - theirs.mean()) <= 8 * deviation / np.sqrt(ours.size)
    assert abs(ours.std() - deviation) <= 8 * deviation / np.sqrt(ours.size)
    assert np.abs(ours).max() <= 1.5 * np.abs(theirs).max()


@pytest.mark.parametrize("window", [None, *sorted(WINDOWS)])
def test_kernels_of_the_fourier_transform_are_keras_s(window: str | None) -> None:
    pytest.importorskip("scipy")  # which Keras takes windows from
    for side, scaling, periodic in (("real", "density", False), ("imag", "spectrum", True), ("imag", None, False)):
        if window == "flattop" and scaling == "spectrum":
            continue  # Keras sums absolute values, so that amplitudes under a window with negative weights come out low
        for shape in ((7, 1, 5), (6, 2, 4)):
            options = {"side": side, "window": window, "scaling": scaling, "periodic": periodic}
            ours = dl.ops.convert_to_numpy(dl.initializers.STFT(**options)(shape))
            theirs = np.asarray(keras.initializers.STFT(**options)(shape))
            # Keras has one channel, which broadcasts
            np.testing.assert_allclose(ours, np.broadcast_to(theirs, shape), atol=1e-6)


ACTIVATIONS = sorted(
    name
    for name in set(activations.__all__) - {"get", "serialize", "deserialize", "threshold"}
    if hasattr(keras.activations, name)
)


def test_every_activation_of_keras_is_here() -> None:
    theirs = {name for name in dir(keras.activations) if not name.startswith("_")}
    assert theirs <= set(activations.__all__)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_keras_s(name: str) -> None:
    ours, theirs = (library.activations.get(name) for library in (dl, keras))
    # Keras's sparsemax of some rows sums to zero
    x = X[[0, 2]] if name == "sparsemax" else X
    np.testing.assert_allclose(dl.ops.convert_to_numpy(ours(x)), np.asarray(theirs(x)), rtol=1e-5, atol=1e-6)
    assert dl.activations.serialize(ours) == keras.activations.serialize(theirs)


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16"])
def test_dtype_policies_are_keras_s(name: str) -> None:
    ours, theirs = dl.dtype_policies.DTypePolicy(name), keras.dtype_policies.DTypePolicy(name)
    assert (ours.compute_dtype, ours.variable_dtype) == (theirs.compute_dtype, theirs.variable_dtype)
    assert dl.dtype_policies.serialize(ours) == keras.dtype_policies.serialize(theirs)
    assert dl.dtype_policies.deserialize(keras.dtype_policies.serialize(theirs)) == ours


@pytest.mark.parametrize("case", CASES, ids=str)
def test_preprocessing_layers_are_keras_s(case: LayerCase) -> None:
    keras.backend.clear_session(free_memory=False)
    dl.backend.clear_session(free_memory=False)
    ours, theirs = case.recipe.make(dl.layers), case.recipe.make(keras.layers)
    assert plain(ours.get_config()) == plain(theirs.get_config())
    args, call = case.arguments("float32")
    if not case.random:
        found, expected = dl.ops.convert_to_numpy(ours(*args, **call)), np.asarray(theirs(*args, **call))
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_what_is_learned_is_what_keras_learns() -> None:
    ours, theirs = dl.layers.Normalization(), keras.layers.Normalization()
    ours.adapt(X)
    theirs.adapt(X)
    assert [w.path.rpartition("/")[2] for w in ours.weights] == [w.path.rpartition("/")[2] for w in theirs.weights]
    for here, there in zip(ours.get_weights()[:2], theirs.get_weights()[:2], strict=True):
        np.testing.assert_allclose(here, there, rtol=1e-5)
    np.testing.assert_allclose(dl.ops.convert_to_numpy(ours(X)), np.asarray(theirs(X)), rtol=1e-5, atol=1e-5)
