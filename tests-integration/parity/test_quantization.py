"""Quantizers, quantized layers and updates of low rank beside Keras's own, on JAX; files both ways."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import dl

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RANDOM = np.random.default_rng(0)
MATRIX = RANDOM.normal(size=(8, 6)).astype("float32")
BYTES = RANDOM.integers(-8, 8, (3, 5, 4)).astype("int8")
# both signs in every block: where all have one, Keras's zero point is clipped and values of the block with it
SIGNS = 1 - 2 * (np.indices((8, 6)).sum(0) % 2)
BOTH_SIGNS = (np.abs(MATRIX) * SIGNS).astype("float32")


@pytest.fixture(autouse=True)
def _on_jax() -> Iterator[None]:
    with dl.backend_scope("jax"):
        yield


def arrays(x: Any) -> list[np.ndarray]:
    return [np.asarray(item, dtype="float64") for item in (x if isinstance(x, (tuple, list)) else [x])]


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "abs_max": lambda q: q.abs_max_quantize(MATRIX, axis=-1),
    "abs_max of both axes": lambda q: q.abs_max_quantize(MATRIX, axis=(0, 1), value_range=(-8, 7), epsilon=1e-3),
    "abs_max in numpy": lambda q: q.abs_max_quantize(MATRIX, axis=0, to_numpy=True),
    "quantizer": lambda q: q.AbsMaxQuantizer(axis=0)(MATRIX),
    "blocks": lambda q: q.abs_max_quantize_grouped_with_zero_point(BOTH_SIGNS, 3),
    "blocks in numpy": lambda q: q.abs_max_quantize_grouped_with_zero_point(BOTH_SIGNS, 4, to_numpy=True),
    "float8": lambda q: q.quantize_and_dequantize(MATRIX * 300, np.float32(0.7), "float8_e4m3fn", "float32"),
    "float8 scale": lambda q: q.compute_float8_scale(
        np.array([3, 0, np.inf], "float32"), np.array([1, 2, 3], "float32"), 448.0, 1
    ),
    "float8 history": lambda q: q.compute_float8_amax_history(MATRIX, np.arange(5, dtype="float32")),
    "pack": lambda q: q.pack_int4(BYTES, axis=1)[0],
    "pack unsigned": lambda q: q.pack_int4((BYTES & 15).astype("uint8"), axis=-1, dtype="uint8")[0],
    "unpack": lambda q: q.unpack_int4(q.pack_int4(BYTES, axis=1)[0], 5, axis=1),
    "fake": lambda q: q.fake_quant_with_min_max_vars(MATRIX, -1.0, 2.0, num_bits=4),
    "fake, narrow": lambda q: q.fake_quant_with_min_max_vars(MATRIX, -1.1, 2.0, narrow_range=True),
    # for other axes than the last Keras's shapes do not fit
    "fake along the last axis": lambda q: q.fake_quant_with_min_max_vars(
        MATRIX, -np.arange(1, 7, dtype="float32"), np.ones(6, "float32"), axis=1
    ),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_functions_equal_those_of_keras(function: Callable[[Any], Any]) -> None:
    for ours, theirs in zip(arrays(function(dl.quantizers)), arrays(function(keras.quantizers)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "name",
    ["int8_from_float32", "int4_from_float32", "int4/64_from_mixed_bfloat16", "float8_from_mixed_float16",
     "gptq/8/-1_from_float32", "awq/4/128_from_bfloat16"],
)  # fmt: skip
def test_policies_equal_those_of_keras(name: str) -> None:
    ours, theirs = dl.dtype_policies.get(name), keras.dtype_policies.get(name)
    for attribute in ("name", "compute_dtype", "variable_dtype", "quantization_mode"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)
    assert dl.dtype_policies.serialize(ours) == keras.dtype_policies.serialize(theirs)


CONFIGS: dict[str, Callable[[Any], Any]] = {
    "int8": lambda q: q.Int8QuantizationConfig(),
    "int8 of weights": lambda q: q.Int8QuantizationConfig(activation_quantizer=None),
    "int4": lambda q: q.Int4QuantizationConfig(block_size=4),
    "int4 of channels": lambda q: q.Int4QuantizationConfig(block_size=None),
    "float8": lambda q: q.Float8QuantizationConfig(),
}
LAYERS: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
    "Dense": (lambda k: k.layers.Dense(5, activation="tanh", name="x"), (3, 8)),
    "EinsumDense": (
        lambda k: k.layers.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de", name="x"), (2, 3, 8),
    ),
    "EinsumDense of two axes": (lambda k: k.layers.EinsumDense("btnh,nhd->btd", (None, 5), name="x"), (2, 3, 2, 4)),
    "EinsumDense, turned": (lambda k: k.layers.EinsumDense("btd,ndh->btnh", (None, 2, 4), name="x"), (2, 3, 8)),
    "Embedding": (lambda k: k.layers.Embedding(9, 8, name="x"), ()),
    "ReversibleEmbedding": (lambda k: k.layers.ReversibleEmbedding(9, 8, tie_weights=False, name="x"), ()),
}  # fmt: skip


def _pair(name: str) -> tuple[Any, Any, Any]:
    make, shape = LAYERS[name]
    layers = make(dl), make(keras)
    x = RANDOM.normal(size=shape).astype("float32") if shape else RANDOM.integers(0, 9, (3, 4))
    for layer in layers:
        layer.build(x.shape)
    weights = [_with_both_signs(tuple(w.shape)) for w in layers[1].weights]
    for layer in layers:
        layer.set_weights(weights)
    return *layers, x


def _with_both_signs(shape: tuple[int, ...]) -> np.ndarray:
    """Weights of which every block of four inputs, of eight in all, has some of either sign."""
    values = np.abs(RANDOM.normal(size=shape)).astype("float32")
    turned = shape[-1] == 8 and len(shape) == 2
    rows = (values if turned else values.reshape(8, -1)) if values.size % 8 == 0 else values
    signed: np.ndarray = (rows * (1 - 2 * (np.indices(rows.shape)[-1 if turned else 0] % 2))).reshape(shape)
    return signed


def _saved(layer: Any) -> dict[str, np.ndarray]:
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    return {name: np.asarray(value) for name, value in store.items()}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("low_rank", [False, True], ids=["", "low rank"])
def test_quantized_layers_equal_those_of_keras(name: str, config: Callable[[Any], Any], low_rank: bool) -> None:
    ours, theirs, x = _pair(name)
    mode = config(dl.quantizers).mode
    if mode == "float8" and ("Embedding" in name or low_rank):
        pytest.skip("Keras has no float8 embeddings, and cannot save float8 layers with an update of low rank")
    for k, layer in ((dl, ours), (keras, theirs)):
        layer.quantize(mode, config=config(k.quantizers))
    if low_rank:
        _update(ours, theirs)
    described = [[(w.path, tuple(w.shape), w.dtype, w.trainable) for w in layer.weights] for layer in (ours, theirs)]
    assert described[0] == described[1]
    # with float8 Keras rounds the bias to bfloat16
    tolerance = 1e-2 if mode == "float8" else 1e-5
    np.testing.assert_allclose(np.asarray(ours(x)), np.asarray(theirs(x)), rtol=10 * tolerance, atol=tolerance)
    left, right = _saved(ours), _saved(theirs)
    assert {k: (v.shape, v.dtype) for k, v in left.items()} == {k: (v.shape, v.dtype) for k, v in right.items()}
    for key, value in left.items():
        np.testing.assert_allclose(value, right[key], rtol=1e-4, atol=1e-5)
    found = dl.saving.serialize_keras_object(ours)["config"]
    assert found == keras.saving.serialize_keras_object(theirs)["config"]
    if "Reversible" in name and not low_rank:
        z = RANDOM.normal(size=(2, 8)).astype("float32")
        expected = np.asarray(theirs(z, reverse=True))
        np.testing.assert_allclose(np.asarray(ours(z, reverse=True)), expected, rtol=1e-4, atol=1e-5)


def _update(*layers: Any) -> None:
    name = "embeddings" if hasattr(layers[0], "embeddings") else "kernel"
    for layer in layers:
        layer.enable_lora(2, lora_alpha=3)
    for letter in "ab":
        value = RANDOM.normal(size=getattr(layers[0], f"lora_{name}_{letter}").shape).astype("float32") * 0.3
        for layer in layers:
            getattr(layer, f"lora_{name}_{letter}").assign(value)


@pytest.mark.parametrize("name", ["Dense", "EinsumDense", "Embedding", "Conv2D"])
def test_updates_of_low_rank_equal_those_of_keras(name: str) -> None:
    if name == "Conv2D":
        ours, theirs = (k.layers.Conv2D(3, 2, name="x") for k in (dl, keras))
        x = RANDOM.normal(size=(2, 5, 5, 2)).astype("float32")
        for layer in (ours, theirs):
            layer.build(x.shape)
        ours.set_weights(theirs.get_weights())
    else:
        ours, theirs, x = _pair(name)
    _update(ours, theirs)
    described = [[(w.path, tuple(w.shape), w.trainable) for w in layer.weights] for layer in (ours, theirs)]
    assert described[0] == described[1]
    np.testing.assert_allclose(np.asarray(ours(x)), np.asarray(theirs(x)), rtol=1e-4, atol=1e-5)
    left, right = _saved(ours), _saved(theirs)
    assert left.keys() == right.keys()
    for key, value in left.items():
        np.testing.assert_allclose(value, right[key], rtol=1e-4, atol=1e-5)
    assert ours.get_config()["lora_alpha"] == theirs.get_config()["lora_alpha"] == 3
    before = np.asarray(ours(x))
    ours.load_own_variables(left)
    np.testing.assert_allclose(np.asarray(ours(x)), before, rtol=1e-4, atol=1e-5)


def _model(k: Any) -> Any:
    x = k.Input((5,), dtype="int32")
    y = k.layers.Embedding(7, 8)(x)
    y = k.layers.EinsumDense("abc,cd->abd", (5, 6), bias_axes="d")(y)
    return k.Model(x, k.layers.Dense(3)(k.layers.Flatten()(y)))


@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize` method")
@pytest.mark.parametrize("config", ["int8", "int4", "int4 of channels"])
@pytest.mark.parametrize("direction", ["from keras", "to keras"])
@pytest.mark.parametrize("low_rank", [False, True], ids=["", "low rank"])
def test_files_travel_both_ways(config: str, direction: str, low_rank: bool, tmp_path: Path) -> None:
    writer, reader = (keras, dl) if direction == "from keras" else (dl, keras)
    model = _model(writer)
    model.quantize(config=CONFIGS[config](writer.quantizers))
    if low_rank:
        model.layers[1].enable_lora(2)
        model.layers[-1].enable_lora(2)
    x = RANDOM.integers(0, 7, (4, 5)).astype("int32")
    model.save(tmp_path / "model.keras")
    # what is merged is rounded again, so that a model is not quite what is read back, by its own library too
    expected = np.asarray(writer.saving.load_model(tmp_path / "model.keras")(x))
    loaded = reader.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(np.asarray(loaded(x)), expected, rtol=1e-4, atol=1e-5)
    model.save_weights(tmp_path / "model.weights.h5")
    loaded.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_allclose(np.asarray(loaded(x)), expected, rtol=1e-4, atol=1e-5)


def test_layers_inside_others_are_read_back_quantized(tmp_path: Path) -> None:
    # Keras reads the file too; of its own it writes a policy without the layers inside, and cannot load it
    x = dl.Input((4, 8))
    model = dl.Model(x, dl.layers.MultiHeadAttention(2, 3)(x, x))
    model.quantize("int8")
    model.save(tmp_path / "model.keras")
    value = RANDOM.normal(size=(2, 4, 8)).astype("float32")
    for k in (dl, keras):
        loaded = k.saving.load_model(tmp_path / "model.keras")
        np.testing.assert_allclose(np.asarray(loaded(value)), np.asarray(model(value)), rtol=1e-4, atol=1e-5)
