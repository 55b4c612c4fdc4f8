"""``.keras`` files: config, weights and assets together."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from saving_samples import Group, Reader, Tower, tower

from dl_layers import Dense
from dl_layers.layer import Layer
from dl_ops.objects import register_keras_serializable
from dl_saving import load_model, load_weights, save_model


def test_a_layer_comes_back_with_its_weights(tmp_path: Path) -> None:
    path = tmp_path / "tower.keras"
    layer = tower()
    save_model(layer, path)
    loaded = load_model(path)
    assert isinstance(loaded, Tower)
    assert (loaded.name, loaded.widths) == ("tower", [4, 2])
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    np.testing.assert_array_equal(loaded(x), layer(x))


def test_the_archive_is_keras(tmp_path: Path) -> None:
    path = tmp_path / "reader.keras"
    layer = Reader()
    layer.build((None, 3))
    layer.vocabulary.words = ["one", "two"]
    save_model(layer, path)
    with zipfile.ZipFile(path) as archive:
        names = [member.filename for member in archive.infolist()]
        assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
        metadata, config = (json.loads(archive.read(name)) for name in names[:2])
    assert names == ["metadata.json", "config.json", "model.weights.h5", "assets/vocabulary/lists/words.txt"]
    assert metadata["keras_version"].startswith("3.")
    assert list(metadata) == ["keras_version", "date_saved"]
    assert (config["class_name"], config["registered_name"]) == ("Reader", "dl_saving_tests>Reader")
    assert config["build_config"] == {"input_shape": [None, 3]}


def test_assets_come_back(tmp_path: Path) -> None:
    path = tmp_path / "reader.keras"
    layer = Reader()
    layer.build((None, 3))
    layer.vocabulary.words = ["ein", "zwei", "drei"]
    save_model(layer, path)
    assert load_model(path).vocabulary.words == ["ein", "zwei", "drei"]


def test_a_compressed_archive_is_read(tmp_path: Path) -> None:
    path, packed = tmp_path / "tower.keras", tmp_path / "packed.keras"
    layer = tower()
    save_model(layer, path)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    np.testing.assert_array_equal(load_model(packed).head.kernel.numpy(), layer.head.kernel.numpy())


def test_weights_are_loaded_from_a_model_file(tmp_path: Path) -> None:
    path = tmp_path / "tower.keras"
    saved, other = tower(seed=1), tower(seed=2)
    save_model(saved, path)
    load_weights(other, path)
    np.testing.assert_array_equal(saved.head.kernel.numpy(), other.head.kernel.numpy())


@register_keras_serializable("dl_saving_tests")
class Tied(Layer):
    """Layer that is given its parts, perhaps one twice."""

    def __init__(self, first: Any, second: Any, **options: Any) -> None:
        super().__init__(**options)
        self.first, self.second = first, second

    def build(self, input_shape: Any) -> None:
        for layer in (self.first, self.second):
            if not layer.built:
                layer.build(input_shape)

    def call(self, x: Any) -> Any:
        return self.second(self.first(x))

    def get_config(self) -> dict[str, Any]:
        from dl_ops.objects import serialize_keras_object

        parts = {"first": serialize_keras_object(self.first), "second": serialize_keras_object(self.second)}
        return {**super().get_config(), **parts}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        from dl_ops.objects import deserialize_keras_object

        parts = {name: deserialize_keras_object(config[name]) for name in ("first", "second")}
        return cls(**{**config, **parts})


def test_one_layer_in_two_places_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "tied.keras"
    dense = Dense(3)
    layer = Tied(dense, dense)
    layer.build((None, 3))
    save_model(layer, path)
    loaded = load_model(path)
    assert loaded.first is loaded.second
    np.testing.assert_array_equal(loaded.first.kernel.numpy(), dense.kernel.numpy())


def test_custom_classes_may_be_given(tmp_path: Path) -> None:
    class Shift(Layer):
        def call(self, x: Any) -> Any:
            return x + 1

    path = tmp_path / "shift.keras"
    layer = Shift()
    layer.build((None, 2))
    save_model(layer, path)
    with pytest.raises(TypeError, match=r"shift.keras.*'Shift'|Shift.*neither registered nor public"):
        load_model(path)
    assert type(load_model(path, custom_objects={"Shift": Shift})) is Shift


def test_what_was_never_built_is_saved_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "dense.keras"
    with pytest.warns(UserWarning, match="'early' is saved before it was built") as caught:
        save_model(Dense(3, name="early"), path)
    assert caught[0].filename == __file__
    loaded = load_model(path)
    assert (loaded.units, loaded.built) == (3, False)


@register_keras_serializable("dl_saving_tests")
class Compiled(Layer):
    """Layer that has what `compile` leaves behind."""

    rate: float | None = None

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight((2,), name="w")

    def call(self, x: Any) -> Any:
        return x

    def get_compile_config(self) -> dict[str, Any]:
        return {"rate": 0.25}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        self.rate = config["rate"]


@pytest.mark.parametrize("compile", [True, False])
def test_compiling_is_a_choice(tmp_path: Path, compile: bool) -> None:
    path = tmp_path / "compiled.keras"
    layer = Compiled()
    layer.build((None, 2))
    save_model(layer, path)
    assert load_model(path, compile=compile).rate == (0.25 if compile else None)


def test_a_failing_config_touches_no_file(tmp_path: Path) -> None:
    class Opaque(Layer):
        def get_config(self) -> dict[str, Any]:
            return {"what": object()}

    path = tmp_path / "opaque.keras"
    path.write_text("old")
    layer = Opaque()
    layer.build((None, 1))
    with pytest.raises(TypeError, match="get_config"):
        save_model(layer, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_arguments_are_checked(tmp_path: Path) -> None:
    layer = tower()
    for name in ("a.h5", "a.hdf5"):
        with pytest.raises(NotImplementedError, match=r"not supported yet, only '.keras'"):
            save_model(layer, tmp_path / name)
        with pytest.raises(NotImplementedError, match=r"not supported yet, only '.keras'"):
            load_model(tmp_path / name)
    with pytest.raises(ValueError, match=r"ends in '.keras'"):
        save_model(layer, tmp_path / "model.zip")
    with pytest.raises(NotImplementedError, match="zipped=False"):
        save_model(layer, tmp_path / "folder", zipped=False)
    with pytest.raises(ValueError, match=r"\['save_fromat'\]"):
        save_model(layer, tmp_path / "a.keras", save_fromat="keras")
    with pytest.raises(TypeError, match="expected a model"):
        save_model({"not": "a model"}, tmp_path / "a.keras")
    with pytest.raises(TypeError, match="path"):
        save_model(layer, b"a.keras")  # type: ignore[arg-type]  # what is refused
    with pytest.raises(TypeError, match="get_config"):
        save_model(Group(), tmp_path / "a.keras")
    with pytest.raises(ValueError, match="no such file"):
        load_model(tmp_path / "a.keras")
    assert list(tmp_path.iterdir()) == []
    save_model(layer, tmp_path / "a.keras", zipped=True)
    with pytest.raises(FileExistsError, match="overwrite=False"):
        save_model(layer, tmp_path / "a.keras", overwrite=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_model(layer, tmp_path / "a.keras", overwrite=True)
