"""Files travel both ways: what Keras writes is read here, what is written here is read by Keras."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import h5py
import keras
import numpy as np
import pytest

import dl

# Keras's arrays are of the older protocol; the rest of its warnings are not ours
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

BATCH = 12


@pytest.fixture(params=["numpy", "jax", "torch"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    with dl.backend_scope(request.param):
        yield request.param


# -- models, made with either library ----------------------------------------------------------------------------------


def sequential(k: Any) -> Any:
    return k.Sequential(
        [
            k.Input((8, 8, 1)),
            k.layers.Conv2D(4, 3, activation="relu", padding="same"),
            k.layers.BatchNormalization(),
            k.layers.MaxPooling2D(),
            k.layers.Flatten(),
            k.layers.Dropout(0.0, seed=3),
            k.layers.Dense(3, activation="softmax", kernel_regularizer="l2"),
        ]
    )


def branches(k: Any) -> Any:
    """Two inputs, a layer used twice, ops, a nested model, two outputs."""
    a, b = k.Input((6,), name="a"), k.Input((6,), name="b")
    shared = k.layers.Dense(5, activation="tanh", name="shared")
    inner = k.Sequential([k.Input((5,)), k.layers.Dense(4, activation="gelu")], name="inner")
    left, right = shared(a), shared(b)
    both = k.layers.Concatenate()([inner(left), k.layers.LayerNormalization()(right)])
    total = k.layers.Add()([left, right]) * 0.5 + 1.0
    first = k.layers.Dense(2, name="first")(both)
    second = k.layers.Dense(1, activation="sigmoid", name="second")(k.ops.concatenate([total, both[:, 1:3]], axis=-1))
    return k.Model([a, b], [first, second])


def recurrent(k: Any) -> Any:
    x = k.Input((5,), dtype="int32", name="tokens")
    y = k.layers.Embedding(7, 6)(x)
    y = k.layers.LSTM(4)(k.layers.MultiHeadAttention(2, 3)(y, y))
    z = k.layers.LSTM(4)(k.layers.Embedding(7, 6, mask_zero=True)(x))
    return k.Model(x, k.layers.Dense(3, activation="softmax")(k.layers.Add()([y, z])))


def _classifier(k: Any) -> type:
    class Block(k.layers.Layer):  # type: ignore[misc]  # a base of either library
        def __init__(self, units: int, **options: Any) -> None:
            super().__init__(**options)
            self.units = units
            self.dense = k.layers.Dense(units, activation="relu")
            self.norm = k.layers.LayerNormalization()

        def build(self, input_shape: Any) -> None:
            self.dense.build(input_shape)
            self.norm.build((*input_shape[:-1], self.units))

        def call(self, x: Any) -> Any:
            return self.norm(self.dense(x))

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    class Classifier(k.Model):  # type: ignore[misc]  # a base of either library
        def __init__(self, classes: int, **options: Any) -> None:
            super().__init__(**options)
            self.classes = classes
            self.blocks = [Block(4), Block(5)]
            self.by_name = {"extra": k.layers.Dense(6)}
            self.output_dense = k.layers.Dense(classes)
            self.zoom = self.add_weight(shape=(1,), initializer="ones", name="zoom")

        def call(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return self.output_dense(self.by_name["extra"](x)) * self.zoom

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "classes": self.classes}

    register = k.saving.register_keras_serializable("parity")
    register(Block)
    return register(Classifier)  # type: ignore[no-any-return]


_CLASSIFIERS: dict[ModuleType, type] = {k: _classifier(k) for k in (dl, keras)}


def subclassed(k: Any) -> Any:
    model = _CLASSIFIERS[k](3)
    model(np.zeros((2, 4), "float32"))
    return model


RANDOM = np.random.default_rng(0)
CASES: dict[Callable[[Any], Any], Any] = {
    sequential: RANDOM.normal(size=(BATCH, 8, 8, 1)).astype("float32"),
    branches: [RANDOM.normal(size=(BATCH, 6)).astype("float32") for _ in range(2)],
    recurrent: RANDOM.integers(0, 7, (BATCH, 5)).astype("int32"),
    subclassed: RANDOM.normal(size=(BATCH, 4)).astype("float32"),
}
TARGETS: dict[Callable[[Any], Any], Any] = {
    sequential: RANDOM.integers(0, 3, BATCH),
    branches: [RANDOM.normal(size=(BATCH, 2)), RANDOM.integers(0, 2, (BATCH, 1))],
    recurrent: RANDOM.integers(0, 3, BATCH),
    subclassed: RANDOM.normal(size=(BATCH, 3)),
}
LOSSES: dict[Callable[[Any], Any], Any] = {
    sequential: "sparse_categorical_crossentropy",
    branches: ["mse", "binary_crossentropy"],
    recurrent: "sparse_categorical_crossentropy",
    subclassed: "mean_squared_error",
}
METRICS: dict[Callable[[Any], Any], Any] = {sequential: ["accuracy"], recurrent: ["accuracy"]}


def _optimizer(k: Any, name: str) -> Any:
    if name == "sgd":
        rate = k.optimizers.schedules.ExponentialDecay(0.05, 2, 0.5)
        return k.optimizers.SGD(rate, momentum=0.9, nesterov=True)
    if name == "adamw":
        return k.optimizers.AdamW(0.02, weight_decay=0.1, use_ema=True, ema_momentum=0.9, amsgrad=True, clipnorm=1.0)
    return k.optimizers.Adam(0.02)


def randomized(model: Any) -> Any:
    generator = np.random.default_rng(1)
    model.set_weights([_like(generator, value) for value in model.get_weights()])
    return model


def _like(generator: np.random.Generator, value: np.ndarray) -> np.ndarray:
    # moving variances must not be negative
    return np.abs(generator.normal(size=value.shape) * 0.5).astype(value.dtype)


def compiled(k: Any, build: Callable[[Any], Any], optimizer: str = "adam") -> Any:
    model = randomized(build(k))
    model.compile(_optimizer(k, optimizer), LOSSES[build], metrics=METRICS.get(build), jit_compile=False)
    return model


def predictions(model: Any, x: Any) -> list[np.ndarray]:
    outputs = model(x)
    return [dl.ops.convert_to_numpy(y) for y in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def assert_same_predictions(a: Any, b: Any, x: Any) -> None:
    for left, right in zip(predictions(a, x), predictions(b, x), strict=True):
        np.testing.assert_allclose(left, right, atol=1e-5, rtol=1e-5)


def datasets(path: Path) -> dict[str, Any]:
    """Datasets by path, and the attributes of groups."""
    found: dict[str, Any] = {}
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            path = Path(archive.extract("model.weights.h5", path.with_suffix("")))
    with h5py.File(path) as file:
        file.visititems(lambda name, x: found.update({name: x[()] if isinstance(x, h5py.Dataset) else None}))
    return found


def assert_same_weights(a: Path, b: Path, tolerance: float = 1e-5) -> None:
    left, right = datasets(a), datasets(b)
    assert sorted(left) == sorted(right)
    for name, value in left.items():
        if value is not None:
            assert value.dtype == right[name].dtype, name
            np.testing.assert_allclose(value, right[name], atol=tolerance, rtol=tolerance, err_msg=name)


DIRECTIONS = {"from keras": (keras, dl), "to keras": (dl, keras)}
every_case = pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
on_numpy = pytest.mark.parametrize("backend", ["numpy"], indirect=True)
both_ways = pytest.mark.parametrize("direction", DIRECTIONS)


# -- tests -------------------------------------------------------------------------------------------------------------


@every_case
@both_ways
def test_models_predict_the_same(build: Callable[[Any], Any], direction: str, backend: str, tmp_path: Path) -> None:
    writer, reader = DIRECTIONS[direction]
    model = randomized(build(writer))
    model.save(tmp_path / "model.keras")
    loaded = reader.saving.load_model(tmp_path / "model.keras")
    assert type(loaded).__name__ == type(model).__name__
    assert_same_predictions(model, loaded, CASES[build])


@every_case
@both_ways
@on_numpy
def test_weights_travel_without_the_model(
    build: Callable[[Any], Any], direction: str, backend: str, tmp_path: Path
) -> None:
    writer, reader = DIRECTIONS[direction]
    model, other = randomized(build(writer)), build(reader)
    model.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    assert_same_predictions(model, other, CASES[build])
    other.save_weights(tmp_path / "again.weights.h5")
    assert_same_weights(tmp_path / "model.weights.h5", tmp_path / "again.weights.h5")


@both_ways
@pytest.mark.parametrize(
    ("build", "backend", "optimizer"),
    [
        (sequential, "numpy", "adam"),
        (branches, "numpy", "adam"),
        (branches, "numpy", "sgd"),
        (branches, "numpy", "adamw"),
        (branches, "jax", "adam"),
        (branches, "torch", "adam"),
        (recurrent, "numpy", "adam"),
        (subclassed, "numpy", "adamw"),
        (subclassed, "torch", "sgd"),
    ],
    indirect=["backend"],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_training_goes_on(
    build: Callable[[Any], Any], direction: str, optimizer: str, backend: str, tmp_path: Path
) -> None:
    writer, reader = DIRECTIONS[direction]
    x, y = CASES[build], TARGETS[build]
    model = compiled(writer, build, optimizer)
    for _ in range(3):
        model.train_on_batch(x, y)
    model.save(tmp_path / "half.keras")
    loaded = reader.saving.load_model(tmp_path / "half.keras")
    assert int(loaded.optimizer.iterations) == 3
    for k in (model, loaded):
        for _ in range(2):
            k.train_on_batch(x, y)
    model.save(tmp_path / "one.keras")
    loaded.save(tmp_path / "other.keras")
    assert_same_weights(tmp_path / "one.keras", tmp_path / "other.keras", tolerance=1e-4)
    assert_same_predictions(model, loaded, x)


@both_ways
@on_numpy
def test_compiled_and_not_yet_trained(direction: str, backend: str, tmp_path: Path) -> None:
    writer, reader = DIRECTIONS[direction]
    build = branches
    model = compiled(writer, build)
    model.save(tmp_path / "new.keras")
    if reader is keras and len(model.optimizer.variables) == 2:
        with pytest.warns(UserWarning, match="Skipping variable loading for optimizer"):
            loaded = reader.saving.load_model(tmp_path / "new.keras")
    else:
        loaded = reader.saving.load_model(tmp_path / "new.keras")
    for k in (model, loaded):
        k.train_on_batch(CASES[build], TARGETS[build])
    assert_same_predictions(model, loaded, CASES[build])
    uncompiled = reader.saving.load_model(tmp_path / "new.keras", compile=False)
    assert not getattr(uncompiled, "compiled", False)


@both_ways
@on_numpy
def test_weights_of_an_uncompiled_model_go_into_a_compiled_one(direction: str, backend: str, tmp_path: Path) -> None:
    writer, reader = DIRECTIONS[direction]
    model, other = randomized(sequential(writer)), compiled(reader, sequential)
    model.save_weights(tmp_path / "model.weights.h5")
    with pytest.warns(UserWarning, match=r"2 variables.* 0 "):
        other.load_weights(tmp_path / "model.weights.h5")
    assert_same_predictions(model, other, CASES[sequential])


@both_ways
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16", "float16"])
def test_dtypes(direction: str, policy: str, backend: str, tmp_path: Path) -> None:
    writer, reader = DIRECTIONS[direction]

    def build(k: Any) -> Any:
        return k.Sequential([k.Input((3,)), k.layers.Dense(4, dtype=policy), k.layers.Dense(2, dtype=policy)])

    model, other = randomized(build(writer)), build(reader)
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    loaded = reader.saving.load_model(tmp_path / "model.keras")
    other.load_weights(tmp_path / "model.weights.h5")
    for copy in (loaded, other):
        assert copy.layers[0].dtype_policy.name == policy
        for a, b in zip(model.get_weights(), copy.get_weights(), strict=True):
            np.testing.assert_array_equal(a.astype("float64"), b.astype("float64"))


# with masks Keras writes the ops that make them, which run inside the layers here
@pytest.mark.parametrize("build", [sequential, branches, subclassed], ids=lambda build: build.__name__)
@on_numpy
def test_the_configs_are_the_same(build: Callable[[Any], Any], backend: str, tmp_path: Path) -> None:
    configs = []
    for k in (dl, keras):
        model = compiled(k, build)
        model.save(tmp_path / "model.keras")
        with zipfile.ZipFile(tmp_path / "model.keras") as archive:
            assert [member.compress_type for member in archive.infolist()] == [zipfile.ZIP_STORED] * 3
            assert archive.namelist() == ["metadata.json", "config.json", "model.weights.h5"]
            configs.append(json.loads(archive.read("config.json")))
    ours, theirs = map(_comparable, configs)
    assert ours == theirs


def _comparable(config: Any) -> Any:
    """Config without what may differ and mean the same."""
    if isinstance(config, dict):
        return {
            # one axis may stand in a list
            key: value[0] if key == "axis" and isinstance(value, list) and len(value) == 1 else _comparable(value)
            for key, value in config.items()
            if key != "shared_object_id" and not (key == "mask" and value is None)
        }
    if isinstance(config, list):
        return [_comparable(value) for value in config]
    if isinstance(config, str) and config.rpartition("_")[2].isdigit():
        return config.rpartition("_")[0]
    return config


@on_numpy
def test_code_in_keras_files_is_refused(backend: str, tmp_path: Path) -> None:
    path = tmp_path / "lambda.keras"
    model = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x + 1)])
    model.save(path)
    with pytest.raises(ValueError, match=r"lambda.keras.*(Lambda|byte code)"):
        dl.saving.load_model(path)


@on_numpy
@pytest.mark.parametrize(
    ("layer", "match"),
    [
        ({"module": "os", "class_name": "system", "config": {"command": "touch evil"}}, "os.system"),
        ({"module": "keras.layers", "class_name": "Dens", "config": {"units": 1}}, "did you mean"),
        ({"module": "keras.layers", "class_name": "Dense", "config": {"units": 10**12}}, "safe_mode=False"),
        ({"module": "keras.layers", "class_name": "Dense", "config": {"units": -1}}, "units"),
        ({"module": "builtins", "class_name": "function", "config": "relu"}, "layer"),
    ],
)
def test_layers_that_cannot_be_are_errors(layer: dict[str, Any], match: str, backend: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    config["config"]["layers"][1] = layer
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, json.dumps(config) if name == "config.json" else content)
    with pytest.raises((TypeError, ValueError), match=match) as caught:
        dl.saving.load_model(path)
    assert "model.keras" in str(caught.value)
