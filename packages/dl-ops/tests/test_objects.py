"""Configs: Keras's format, the way back, and what a hostile one may not do."""

from __future__ import annotations

import base64
import json
import marshal
import sys
import threading
from collections import OrderedDict, namedtuple
from importlib.metadata import EntryPoint
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_ops import objects
from dl_ops.objects import (
    Identifiers,
    SharedObjectsScope,
    deserialize_keras_object,
    lambdas,
    names,
    serialize_keras_object,
)
from dl_ops.objects.reading import MAX_DEPTH

Point = namedtuple("Point", ["x", "y"])


class Configurable:
    """What layers, losses and the like have in common, as far as configs are concerned."""

    built = False

    def __init__(self, **config: Any) -> None:
        self.config = config

    def get_config(self) -> dict[str, Any]:
        return self.config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**{key: deserialize_keras_object(value) for key, value in config.items()})


class Custom(Configurable):
    pass


class Dense(Configurable):
    pass


class DenseSubclass(Dense):
    pass


class Strict(Configurable):
    def __init__(self, units: int) -> None:
        super().__init__(units=units)


class Model(Configurable):
    calls: list[tuple[str, Any]]

    def get_build_config(self) -> Any:
        return {"input_shape": (None, 3)}

    def get_compile_config(self) -> Any:
        return {}

    def build_from_config(self, config: Any) -> None:
        self.built, self.calls = True, [("build", config)]

    def compile_from_config(self, config: Any) -> None:
        self.calls.append(("compile", config))


def triple(x: Any) -> Any:
    return 3 * x


@pytest.fixture(autouse=True)
def clean_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test registers what it needs, and leaves nothing behind."""
    from dl_ops.objects import registry

    monkeypatch.setattr(names, "_declared", {"keras.layers.Dense": Dense})
    monkeypatch.setattr(names, "_families", {})
    monkeypatch.setattr(names, "_index", dict)
    monkeypatch.setattr(registry, "_objects", {})
    monkeypatch.setattr(registry, "_names", {})
    monkeypatch.setattr(lambdas, "_unsafe_enabled", False)
    monkeypatch.setattr(Dense, "__public_path__", "keras.layers.Dense", raising=False)


def install(monkeypatch: pytest.MonkeyPatch, **points: str) -> None:
    """Pretend that distributions list these entry points."""
    index = {
        name.replace("__", "."): EntryPoint(name.replace("__", "."), value, "dl.objects")
        for name, value in points.items()
    }
    monkeypatch.setattr(names, "_index", lambda: index)


def through_json(config: Any) -> Any:
    return json.loads(json.dumps(config))


# -- what is written ---------------------------------------------------------------------------------------------------


FORMATS = {
    "none": (None, None),
    "number": (1.5, 1.5),
    "tuple": ((1, (2, [3])), (1, (2, [3]))),
    "named tuple": (Point(1, 2), (1, 2)),
    "ordered dict": (OrderedDict(b=1, a=(2,)), {"b": 1, "a": (2,)}),
    "scalar": (np.float32(3), 3.0),
    "0-d array": (np.array(3, "int8"), 3),
    "array": (np.arange(2.0), {"class_name": "__numpy__", "config": {"value": [0.0, 1.0], "dtype": "float64"}}),
    "bytes": (b"ab", {"class_name": "__bytes__", "config": {"value": "ab"}}),
    "ellipsis": (..., {"class_name": "__ellipsis__", "config": {}}),
    "slice": (slice(1, 2), {"class_name": "__slice__", "config": {"start": 1, "stop": 2, "step": None}}),
    "dtype": (np.dtype("int32"), "int32"),
    "type": (
        np.float32,
        {"module": "builtins", "class_name": "type", "config": "float32", "registered_name": "type"},
    ),
    "function": (
        triple,
        {"module": "builtins", "class_name": "function", "config": "triple", "registered_name": "function"},
    ),
    "public object": (
        Dense(units=2),
        {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}, "registered_name": None},
    ),
    "subclass of a public class": (
        DenseSubclass(),
        {"module": __name__, "class_name": "DenseSubclass", "config": {}, "registered_name": "DenseSubclass"},
    ),
}


@pytest.mark.parametrize(("obj", "expected"), FORMATS.values(), ids=FORMATS)
def test_formats_are_those_of_keras(obj: Any, expected: Any) -> None:
    written = serialize_keras_object(obj)
    assert repr(written) == repr(expected)  # repr tells tuples, key order and NaN apart


def test_registered_objects_are_written_with_their_registered_name() -> None:
    registered = objects.register_keras_serializable("package", "name")(Custom)
    objects.register_keras_serializable()(triple)
    assert serialize_keras_object(registered())["registered_name"] == "package>name"
    assert serialize_keras_object(triple)["config"] == "Custom>triple"


def test_symbolic_tensors() -> None:
    from dl_ops.symbolic import KerasTensor

    written = serialize_keras_object(KerasTensor((None, 3), "int32"))
    config = {"shape": (None, 3), "dtype": "int32", "keras_history": None}
    assert written == {"class_name": "__keras_tensor__", "config": config}
    read = deserialize_keras_object(through_json(written))
    assert (read.shape, read.dtype) == ((None, 3), "int32")


def test_tensors_are_written_as_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    class FrameworkTensor:
        pass

    class FrameworkBackend:
        def is_tensor(self, x: Any) -> bool:
            return isinstance(x, FrameworkTensor)

        def to_numpy(self, x: Any) -> Any:
            return np.array([1.0, 2.0], "float32")

    backends = {FrameworkTensor: FrameworkBackend()}
    monkeypatch.setattr("dl_ops.objects.writing.backend_of_type", backends.get)
    config = {"value": [1.0, 2.0], "dtype": "float32"}
    assert serialize_keras_object([FrameworkTensor()]) == [{"class_name": "__tensor__", "config": config}]


def test_a_class_inside_keras_is_written_with_its_name_twice() -> None:
    functional = objects.public("keras.src.models.functional.Functional")(type("Functional", (Configurable,), {}))
    written = serialize_keras_object(functional())
    assert (written["module"], written["registered_name"]) == ("keras.src.models.functional", "Functional")


UNWRITABLE = [object(), {1}, 1j, Dense, Custom, np.array(["a"]), np.array([None]), b"\xff"]


@pytest.mark.parametrize("obj", UNWRITABLE, ids=lambda obj: type(obj).__name__)
def test_what_has_no_description_is_an_error(obj: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="config"):
        serialize_keras_object(obj)


# -- the way back ------------------------------------------------------------------------------------------------------


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(plain)
def test_plain_data_comes_back_as_it_was(data: Any) -> None:
    assert deserialize_keras_object(through_json(serialize_keras_object(data))) == data


@given(plain)
def test_objects_come_back_with_their_configs(data: Any) -> None:
    obj = Custom(inner=Custom(data=data), others=[Dense(units=3), slice(1, None)])
    read = deserialize_keras_object(through_json(serialize_keras_object(obj)), custom_objects={"Custom": Custom})
    assert read.config["inner"].config["data"] == data
    assert type(read.config["others"][0]) is Dense
    assert read.config["others"][1] == slice(1, None)


@pytest.mark.parametrize("dtype", ["float32", "int8", "bool", "bfloat16", "uint64"])
def test_arrays_come_back_exactly(dtype: str) -> None:
    from dl_ops.dtypes import numpy_dtype

    array = np.array([[0, 1], [1, 0]]).astype(numpy_dtype(dtype))
    read = deserialize_keras_object(through_json(serialize_keras_object(array)))
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)


def test_not_a_number_comes_back() -> None:
    assert np.isnan(deserialize_keras_object(through_json(serialize_keras_object({"rate": float("nan")})))["rate"])


def test_objects_are_built_and_compiled_as_the_config_says() -> None:
    config = {**serialize_keras_object(Model()), "compile_config": {"loss": "mse"}}
    read = deserialize_keras_object(through_json(config), {"Model": Model})
    assert read.calls == [("build", {"input_shape": [None, 3]}), ("compile", {"loss": "mse"})]
    del config["build_config"], config["compile_config"]
    assert not deserialize_keras_object(config, {"Model": Model}).built


def test_reading_leaves_the_config_alone() -> None:
    class Popping(Configurable):
        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Any:
            config.clear()
            return cls()

    config = {"class_name": "Popping", "config": {"a": 1}}
    deserialize_keras_object(config, {"Popping": Popping})
    assert config == {"class_name": "Popping", "config": {"a": 1}}


def test_shared_objects_stay_single() -> None:
    shared = Custom(a=1)
    whole = Custom(first=shared, second=[shared], other=Custom(a=1))
    with SharedObjectsScope():
        config = through_json(serialize_keras_object(whole))
    assert [config["config"][key].get("shared_object_id") for key in ("first", "other")] == [1, None]
    with SharedObjectsScope():
        read = deserialize_keras_object(config, {"Custom": Custom}).config
    assert read["first"] is read["second"][0]
    assert read["first"] is not read["other"]
    assert "shared_object_id" not in repr(serialize_keras_object(whole))


# -- names -------------------------------------------------------------------------------------------------------------


OLD_NAMES = ["keras.layers", "keras.src.layers.core.dense", "keras.layers.core.dense", "keras.src.layers.dense"]


@pytest.mark.parametrize("module", OLD_NAMES)
def test_modules_inside_keras_lead_to_the_public_class(module: str) -> None:
    assert type(deserialize_keras_object({"module": module, "class_name": "Dense", "config": {}})) is Dense


def test_entry_points_are_imported_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, keras__layers__Fraction="fractions:Fraction", keras__layers__Other="no_such_module:Other")
    found = objects.find_public("keras.layers", "Fraction")
    assert found is sys.modules["fractions"].Fraction
    with pytest.raises(ImportError, match="no_such_module"):
        objects.find_public("keras.layers", "Other")


def test_families_are_asked_for_names_below_them() -> None:
    @objects.public_family("keras.src.ops")
    def find(path: str) -> Any:
        return Custom if path == "keras.src.ops.numpy.Add" else None

    assert objects.find_public("keras.src.ops.numpy", "Add") is Custom
    assert objects.find_public("keras.src.ops.numpy", "Nothing") is None


def test_instances_may_have_public_names_of_their_own() -> None:
    class Op(Configurable):
        @property
        def __public_path__(self) -> str:
            return f"keras.src.ops.numpy.{self.config['op']}"

    written = serialize_keras_object(Op(op="Add"))
    assert written["module"] == "keras.src.ops.numpy"
    assert written["class_name"] == written["registered_name"] == "Add"


def test_two_classes_cannot_have_one_public_name() -> None:
    with pytest.raises(ValueError, match="has that name already"):
        objects.public("keras.layers.Dense")(Custom)


def test_public_names_are_not_inherited() -> None:
    assert objects.public_name(Dense) == objects.public_name(Dense()) == "keras.layers.Dense"
    assert objects.public_name(DenseSubclass) is None
    assert objects.public_name(3) is None


def test_public_functions_are_found_by_their_bare_name() -> None:
    objects.public("keras.activations.triple")(triple)
    for module in ("builtins", "keras.activations", None):
        config = {"module": module, "class_name": "function", "config": "triple", "registered_name": "function"}
        assert deserialize_keras_object(config) is triple


def test_functions_outside_the_families_of_functions_are_not_found() -> None:
    def settings() -> None:
        raise AssertionError("called")

    objects.public("keras.config.change_settings")(settings)
    config = {"module": "keras.config", "class_name": "function", "config": "change_settings"}
    with pytest.raises(TypeError, match="change_settings"):
        deserialize_keras_object(config)


def test_what_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "find_spec", lambda name: None)
    for module, name, distribution in [
        ("keras.layers", "LSTM", "dl-layers"),
        ("keras.layers", "RandomFlip", "dl-preprocess"),
        ("keras.src.models.functional", "Functional", "dl-train"),
        ("keras.optimizers.schedules", "CosineDecay", "dl-train"),
    ]:
        with pytest.raises(ImportError, match=f"pip install {distribution}"):
            deserialize_keras_object({"module": module, "class_name": name, "config": {}})


def test_unknown_names_get_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "find_spec", lambda name: object())
    with pytest.raises(ValueError, match=r"no keras.layers.Dens here: did you mean 'keras.layers.Dense'\?"):
        deserialize_keras_object({"module": "keras.layers", "class_name": "Dens", "config": {}})


def test_registered_classes_and_scopes() -> None:
    config = {"module": "anything", "class_name": "Custom", "config": {}, "registered_name": "Custom>Custom"}
    with pytest.raises(TypeError, match="neither registered nor public"):
        deserialize_keras_object(config)
    with objects.custom_object_scope({"Custom>Custom": Dense}):
        assert type(deserialize_keras_object(config)) is Dense
    objects.register_keras_serializable()(Custom)
    assert type(deserialize_keras_object(config)) is Custom
    assert objects.get_registered_name(Custom) == "Custom>Custom"
    assert objects.get_registered_object("Custom>Custom") is Custom
    # Keras's own names are not replaced by custom classes, unless the config says that it means a registered one
    public_config: dict[str, Any] = {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {},
        "registered_name": None,
    }
    assert type(deserialize_keras_object(public_config, {"Dense": Custom})) is Dense
    assert type(deserialize_keras_object({**public_config, "registered_name": "Dense"}, {"Dense": Custom})) is Custom


def test_scopes_belong_to_their_thread() -> None:
    found = []
    with objects.CustomObjectScope({"a": 1}):
        thread = threading.Thread(target=lambda: found.append(objects.get_registered_object("a")))
        thread.start()
        thread.join()
        assert objects.get_registered_object("a") == 1
    assert found == [None]
    assert objects.get_registered_object("a") is None


def test_a_registered_class_needs_get_config() -> None:
    with pytest.raises(ValueError, match="get_config"):
        objects.register_keras_serializable()(object)


# -- hostile configs ---------------------------------------------------------------------------------------------------


HOSTILE: dict[str, tuple[Any, type[Exception]]] = {
    "os.system": ({"module": "os", "class_name": "system"}, TypeError),
    "os.system with a config": ({"module": "os", "class_name": "system", "config": {}}, TypeError),
    "os.system with an argument": ({"module": "os", "class_name": "system", "config": "true"}, TypeError),
    "function": ({"module": "builtins", "class_name": "function", "config": "eval"}, TypeError),
    "function of a module": ({"module": "os", "class_name": "function", "config": "system"}, TypeError),
    "dotted function": ({"module": "builtins", "class_name": "function", "config": "os.system"}, TypeError),
    "download": ({"module": "keras.utils", "class_name": "get_file", "config": {}}, ValueError),
    "class that was never registered": ({"module": __name__, "class_name": "Custom", "config": {}}, TypeError),
    "built-in class": ({"module": "builtins", "class_name": "dict", "config": {}}, TypeError),
    "type": ({"module": "builtins", "class_name": "type", "config": "object"}, TypeError),
    "numbers for names": ({"module": 1, "class_name": 2, "config": {}}, TypeError),
    "list for a name": ({"module": "keras.layers", "class_name": ["Dense"], "config": {}}, TypeError),
    "no config": ({"module": "keras.layers", "class_name": "Dense"}, TypeError),
    "list for a config": ({"module": "keras.layers", "class_name": "Dense", "config": [1]}, TypeError),
    "object array": ({"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}}, ValueError),
    "ragged array": ({"class_name": "__numpy__", "config": {"value": [[1], [1, 2]], "dtype": "int32"}}, ValueError),
    "empty array": ({"class_name": "__numpy__", "config": {}}, ValueError),
    "unknown dtype": ({"class_name": "__numpy__", "config": {"value": 1, "dtype": "foo"}}, ValueError),
    "bytes that are none": ({"class_name": "__bytes__", "config": {"value": 10**9}}, ValueError),
    "symbolic tensor": ({"class_name": "__keras_tensor__", "config": {"shape": "x", "dtype": "f"}}, ValueError),
    "type specification": ({"class_name": "__typespec__", "config": {}}, TypeError),
    "shared id": (
        {"module": "keras.layers", "class_name": "Dense", "config": {}, "shared_object_id": [1]},
        TypeError,
    ),
    "no plain data": (object(), TypeError),
}


@pytest.mark.parametrize(("config", "error"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_configs_are_errors(config: Any, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    monkeypatch.setattr("importlib.import_module", lambda name, package=None: imported.append(name))
    with pytest.raises(error):
        deserialize_keras_object(config)
    with pytest.raises(error):
        deserialize_keras_object({"outer": [config]})
    assert imported == []


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100_000])
@pytest.mark.parametrize("wrap", [lambda x: {"a": x}, lambda x: [x]], ids=["dict", "list"])
def test_deep_nesting_is_an_error(depth: int, wrap: Any) -> None:
    config: Any = 1
    for _ in range(depth):
        config = wrap(config)
    with pytest.raises(ValueError, match="nested"):
        deserialize_keras_object(config)


def test_deep_nesting_of_objects_is_an_error() -> None:
    config: Any = {"module": "keras.layers", "class_name": "Dense", "config": {}}
    for _ in range(5000):
        config = {"module": "keras.layers", "class_name": "Dense", "config": {"inner": config}}
    with pytest.raises(ValueError, match="nested"):
        deserialize_keras_object(config)


def test_nesting_that_models_have_is_read() -> None:
    config: Any = 1
    for _ in range(MAX_DEPTH // 4):
        layer = {"module": "keras.layers", "class_name": "Dense", "config": {"layers": [config]}}
        config = {"wrapped": layer}
    read = deserialize_keras_object(config)
    assert type(read["wrapped"]) is Dense


def test_a_config_that_contains_itself_is_an_error() -> None:
    config: dict[str, Any] = {}
    config["a"] = [config, config]
    with pytest.raises(ValueError, match="nested"):
        deserialize_keras_object(config)


def test_a_rejected_config_names_the_class() -> None:
    with pytest.raises(TypeError, match=r"Strict rejects its config .*unexpected keyword argument 'foo'"):
        deserialize_keras_object({"class_name": "Strict", "config": {"foo": 1}}, {"Strict": Strict})


# -- byte code ---------------------------------------------------------------------------------------------------------


def make_lambda() -> Any:
    offset = 10
    return lambda x, factor=2: x * factor + offset


def test_byte_code_is_written_with_a_warning_and_read_only_if_allowed() -> None:
    with pytest.warns(UserWarning, match="byte code"):
        config = through_json(serialize_keras_object(make_lambda()))
    assert config["class_name"] == "__lambda__"
    with pytest.raises(ValueError, match="safe mode"):
        deserialize_keras_object(config)
    assert deserialize_keras_object(config, safe_mode=False)(3) == 16
    objects.enable_unsafe_deserialization()
    assert deserialize_keras_object(config)(3) == 16


def test_safe_mode_of_an_outer_call_counts_inside() -> None:
    with pytest.warns(UserWarning, match="byte code"):
        config = serialize_keras_object(Custom(function=make_lambda()))
    with pytest.raises(ValueError, match="safe mode"):
        deserialize_keras_object(config, {"Custom": Custom})
    assert deserialize_keras_object(config, {"Custom": Custom}, safe_mode=False).config["function"](3) == 16
    with objects.SafeModeScope(True), pytest.raises(ValueError, match="safe mode"):
        deserialize_keras_object(config, {"Custom": Custom}, safe_mode=False)


@pytest.mark.parametrize(
    "code", ["", "no base64!", base64.b64encode(b"junk").decode(), base64.b64encode(marshal.dumps(3)).decode(), 3]
)
def test_unreadable_byte_code_is_an_error(code: Any) -> None:
    config = {"class_name": "__lambda__", "config": {"value": [code, None, None]}}
    with pytest.raises(ValueError, match="byte code"):
        deserialize_keras_object(config, safe_mode=False)


def test_byte_code_needs_the_values_it_closes_over() -> None:
    with pytest.warns(UserWarning, match="byte code"):
        code, defaults, _ = objects.serialize_lambda(make_lambda())
    with objects.SafeModeScope(False), pytest.raises(ValueError, match="closes over"):
        objects.deserialize_lambda(code, defaults, None)


# -- identifiers -------------------------------------------------------------------------------------------------------


def relu(x: Any) -> Any:
    return max(x, 0)


@pytest.fixture
def activations() -> Identifiers[Any]:
    return Identifiers(
        "activation", {"relu": relu, "sqrt": "math:sqrt"}, default=triple, instantiate=False, bare_names=True
    )


@pytest.fixture
def optimizers() -> Identifiers[Any]:
    def is_optimizer(obj: Any) -> bool:
        return isinstance(obj, Configurable)

    return Identifiers("optimizer", {"sgd": Custom, "dense": Dense}, accepts=is_optimizer, ignore_case=True)


def test_identifiers_of_functions(activations: Identifiers[Any]) -> None:
    function_config = {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"}
    assert activations.get("relu") is activations.get(relu) is activations.get(function_config) is relu
    assert activations.get("sqrt")(4.0) == 2.0
    assert activations.get(None) is triple
    assert activations.serialize(relu) == "relu"
    assert activations.serialize(triple)["config"] == "triple"
    assert activations.deserialize("double", custom_objects={"double": triple}) is triple


def test_identifiers_of_classes(optimizers: Identifiers[Any]) -> None:
    instance = Custom(rate=1)
    assert optimizers.get(instance) is instance
    assert optimizers.get(None) is None
    for identifier in ("sgd", "SGD", Custom, {"class_name": "SGD", "config": {}}, {"class_name": "sgd"}):
        assert type(optimizers.get(identifier)) is Custom
    assert type(optimizers.get(serialize_keras_object(Dense(rate=1)))) is Dense


def test_identifiers_know_registered_names(optimizers: Identifiers[Any]) -> None:
    with objects.custom_object_scope({"mine": DenseSubclass}):
        assert type(optimizers.get("mine")) is DenseSubclass


def test_unknown_identifiers_are_errors(activations: Identifiers[Any], optimizers: Identifiers[Any]) -> None:
    with pytest.raises(ValueError, match=r"unknown activation 'rleu': did you mean 'relu'\?"):
        activations.get("rleu")
    with pytest.raises(ValueError, match="unknown optimizer 'zzz': expected one of dense, sgd"):
        optimizers.get({"class_name": "zzz", "config": {}})
    for identifier in (3, [1], {}, object()):
        with pytest.raises(ValueError, match="cannot be interpreted as activation"):
            activations.get(identifier)
    with pytest.raises(ValueError, match="cannot be interpreted as optimizer"):
        optimizers.get(relu)
