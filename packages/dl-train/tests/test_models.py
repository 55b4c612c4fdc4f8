"""Models: graphs against the same computation by hand, configs, orders and names as Keras writes them."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_layers.layer import Layer
from dl_ops import ops, tree
from dl_ops.backend import Backend
from dl_ops.objects import (
    CustomObjectScope,
    deserialize_keras_object,
    register_keras_serializable,
    serialize_keras_object,
)
from dl_ops.saveable import walk
from dl_train.models import Functional, Model, Sequential, clone_model, model_from_json

RNG = np.random.default_rng(0)
X = RNG.standard_normal((5, 4)).astype("float32")
Z = RNG.standard_normal((5, 4)).astype("float32")


def arrays(structure: Any) -> Any:
    return tree.map_structure(ops.convert_to_numpy, structure)


def written(model: Model) -> Any:
    return json.loads(json.dumps(serialize_keras_object(model)))


def graph() -> Functional:
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = Dense(4, name="shared")
    x, y = shared(a), shared(b)
    z = 2.0 - (ops.add(x, y) + x) * 2.0
    parts = ops.concatenate([z[:, 1:3], y], axis=-1)
    outputs = {
        "sum": ops.sum(parts, axis=[1], keepdims=True),
        "several": [ops.reshape(parts, (-1, 3, 2)), z[..., None, 0], ops.where(x > 0, x, 0.0)],
    }
    return Model({"a": a, "b": b}, outputs, name="graph")


def graph_by_hand(weights: list[Any], a: Any, b: Any) -> Any:
    kernel, bias = weights
    x, y = a @ kernel + bias, b @ kernel + bias
    z = 2 - (2 * x + y) * 2
    parts = np.concatenate([z[:, 1:3], y], axis=-1)
    return {
        "sum": parts.sum(1, keepdims=True),
        "several": [parts.reshape(-1, 3, 2), z[..., None, 0], np.where(x > 0, x, 0)],
    }


def check_close(actual: Any, expected: Any) -> None:
    tree.map_structure(lambda p, q: np.testing.assert_allclose(p, q, rtol=1e-5, atol=1e-5), arrays(actual), expected)


# -- functional models --------------------------------------------------------------------------------------------


def test_graph_computes_what_its_ops_say(backend: Backend) -> None:
    model = graph()
    check_close(model({"a": X, "b": Z}), graph_by_hand(model.get_weights(), X, Z))


def test_config_makes_an_equal_model() -> None:
    model = graph()
    config = written(model)
    copy = deserialize_keras_object(config)
    assert written(copy) == config
    copy.set_weights(model.get_weights())
    check_close(copy({"a": X, "b": Z}), graph_by_hand(model.get_weights(), X, Z))


def test_config_is_in_keras_format() -> None:
    config = written(graph())
    assert (config["module"], config["class_name"], config["registered_name"]) == (
        "keras.src.models.functional",
        "Functional",
        "Functional",
    )
    inner = config["config"]
    assert inner["input_layers"] == {"a": ["a", 0, 0], "b": ["b", 0, 0]}
    # the depths of the graph give the order, ties go to what is met first on the way back from the outputs
    names = [layer["name"].rstrip("_0123456789") for layer in inner["layers"]]
    assert names == [
        "a", "b", "shared", "add", "add", "multiply", "subtract", "get_item", "concatenate", "greater", "reshape",
        "get_item", "where", "sum",
    ]  # fmt: skip
    get_item = inner["layers"][7]
    assert (get_item["module"], get_item["class_name"]) == ("keras.src.ops.numpy", "GetItem")
    assert get_item["inbound_nodes"][0]["args"][1] == [
        {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}},
        {"class_name": "__slice__", "config": {"start": 1, "stop": 3, "step": None}},
    ]
    shared = inner["layers"][2]
    assert [node["args"][0]["config"]["keras_history"] for node in shared["inbound_nodes"]] == [
        ["a", 0, 0],
        ["b", 0, 0],
    ]


def test_one_input_and_output_are_written_without_a_list() -> None:
    x = Input((4,), name="x")
    single, several = Model(x, Dense(2, name="y")(x)), Model([x], [Dense(2, name="y")(x)])
    assert single.get_config()["input_layers"] == ["x", 0, 0]
    assert several.get_config()["output_layers"] == [["y", 0, 0]]


@pytest.mark.parametrize(
    "make",
    [
        lambda x: ops.einsum("ij,kj->ik", x, x),
        lambda x: ops.take(x, np.array([0, 2], "int32"), axis=1),
        lambda x: ops.clip(x, -0.5, 0.5),
        lambda x: ops.pad(x, [[0, 0], [1, 1]]),
        lambda x: ops.stack([x, 2 * x], axis=1),
        lambda x: ops.top_k(x, 2)[0],
        lambda x: ops.softmax(x, axis=0),
        lambda x: ops.split(x, 2, axis=1)[1],
        lambda x: ops.cast(x, "int32"),
        lambda x: ops.logsumexp(x, axis=-1),
        lambda x: x[0],
        lambda x: x[:, np.array([2, 1])],
        lambda x: ops.layer_normalization(x),
        lambda x: -x / 3 + x**2,
    ],
)
def test_calls_of_ops_are_written_and_read(make: Any) -> None:
    x = Input((4,), name="x")
    model = Model(x, make(x))
    copy = deserialize_keras_object(written(model))
    check_close(copy(X), arrays(make(ops.convert_to_tensor(X))))


def test_nested_and_shared_models_travel() -> None:
    i, j = Input((3,), name="i"), Input((3,), name="j")
    inner = Sequential([Input((3,)), Dense(3)], name="inner")
    middle = Model([i, j], [Dense(2)(inner(inner(i)) + j), j], name="middle")
    p, q = Input((3,), name="p"), Input((3,), name="q")
    model = Model([p, q], [middle([p, q])[0], middle([q, p])[1]])
    config = written(model)
    # Keras counts a functional model's own graph as a call, in the lists of outputs
    assert config["config"]["output_layers"] == [["middle", 1, 0], ["middle", 2, 1]]
    copy = deserialize_keras_object(config)
    copy.set_weights(model.get_weights())
    check_close(copy([X[:, :3], Z[:, :3]]), arrays(model([X[:, :3], Z[:, :3]])))


def test_config_with_a_cycle_or_a_missing_layer_is_refused() -> None:
    x = Input((4,), name="x")
    config = Model(x, Dense(2, name="y")(x)).get_config()
    config["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = ["y", 0, 0]
    with pytest.raises(ValueError, match=r"no order.*'y'"):
        Functional.from_config(config)
    config["output_layers"] = ["z", 0, 0]
    config["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = ["x", 0, 0]
    with pytest.raises(ValueError, match=r"\['z', 0, 0\]"):
        Functional.from_config(config)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([X], r"takes 2 input\(s\) \['a', 'b'\], got 1"),
        ({"a": X}, r"no data for input\(s\) \['b'\]"),
        ([X[:, :3], X], r"input 'a' takes shape \(None, 4\), got an array of shape \(5, 3\)"),
        ([X, X[None]], r"input 'b' takes shape \(None, 4\), got an array of shape \(1, 5, 4\)"),
    ],
)
def test_inputs_that_do_not_fit_are_named(inputs: Any, message: str) -> None:
    a, b = Input((4,), name="a"), Input((4,), name="b")
    model = Model([a, b], a + b)
    with pytest.raises(ValueError, match=message):
        model(inputs)


def test_inputs_are_brought_into_form(backend: Backend) -> None:
    x = Input((1,), name="x", dtype="float32")
    model = Model(x, x * 2)
    for given in (np.arange(3), np.arange(3.0)[:, None], [np.arange(3)[:, None]], {"x": np.arange(3)}):
        outputs = model(given)
        assert tuple(outputs.shape) == (3, 1)
        np.testing.assert_array_equal(ops.convert_to_numpy(outputs)[:, 0], [0.0, 2.0, 4.0])


def test_model_of_tensors_inside_a_graph_has_inputs_of_its_own() -> None:
    x = Input((4,))
    hidden = Dense(3, name="hidden")(x)
    whole = Model(x, Dense(2, name="end")(hidden))
    end = Model(hidden, whole.output)
    features = Model(x, hidden)
    check_close(end(features(X)), arrays(whole(X)))
    assert [layer.name for layer in end.layers][1:] == ["end"]


def test_graph_that_does_not_begin_with_the_inputs_is_refused() -> None:
    x, other = Input((4,)), Input((4,))
    with pytest.raises(ValueError, match="disconnected"):
        Model(x, x + other)
    with pytest.raises(ValueError, match="symbolic"):
        Model(x, X)


def test_masks_pass_through() -> None:
    class Masking(Layer):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.supports_masking = True

        def call(self, x: Any) -> Any:
            return x

        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return ops.any(ops.not_equal(inputs, 0.0), axis=-1)

    class Counting(Masking):
        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return None

        def call(self, x: Any, mask: Any = None) -> Any:
            return x if mask is None else ops.sum(ops.cast(mask, "float32"), axis=1)

    x = Input((3, 2))
    inner = Sequential([Input((3, 2)), Masking()])
    model = Model(x, Counting()(inner(x)))
    data = np.ones((1, 3, 2), "float32")
    data[0, 2] = 0
    assert ops.convert_to_numpy(model(data)).tolist() == [2.0]


# -- subclasses ---------------------------------------------------------------------------------------------------


@register_keras_serializable("test_models")
class Classifier(Model):
    def __init__(self, units: int = 3, **options: Any) -> None:
        super().__init__(**options)
        self.blocks = [Dense(units), Dense(units)]
        self.zed = Dense(1)

    def call(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return self.zed(x)


def test_subclass_tracks_layers_in_the_order_of_assignment(backend: Backend) -> None:
    model = Classifier(2)
    assert tuple(model(X).shape) == (5, 1)
    assert [layer.units for layer in model.layers] == [2, 2, 1]  # type: ignore[attr-defined]  # Dense
    assert [tuple(w.shape) for w in model.weights] == [(4, 2), (2,), (2, 2), (2,), (2, 1), (1,)]
    assert model.weights[0].path.startswith(model.name)


def test_subclass_config_holds_the_constructors_arguments() -> None:
    model = Classifier(units=2)
    copy = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(model))))
    assert isinstance(copy, Classifier)
    assert copy.zed.units == 1
    assert copy.blocks[0].units == 2


def test_saved_groups_are_keras_ones() -> None:
    model = Classifier()
    model(X)
    assert [path for path, _ in walk(model)] == ["", "blocks/dense", "blocks/dense_1", "layers/dense_2"]
    x = Input((4,))
    functional = Model(x, Dense(2)(Dense(2)(x)))
    functional.compile("sgd", "mse")
    assert [path for path, _ in walk(functional)] == [
        "", "layers/input_layer", "layers/dense", "layers/dense_1", "optimizer",
    ]  # fmt: skip
    sequential = Sequential([Input((4,)), Dense(2)])
    assert [path for path, _ in walk(sequential)] == ["", "layers/dense"]


def test_subclass_may_be_built_functionally() -> None:
    class Wide(Model):
        def __init__(self, units: int) -> None:
            x = Input((4,))
            super().__init__(x, Dense(units)(x))
            self.extra = Dense(1)

    model = Wide(3)
    assert isinstance(model, Functional)
    assert isinstance(model, Wide)
    assert tuple(model(X).shape) == (5, 3)
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Dense"]
    assert model.get_config() == {"units": 3}
    assert Wide.from_config(model.get_config()).output_shape == (None, 3)


def test_model_refuses_arguments_it_does_not_know() -> None:
    with pytest.raises(TypeError, match="positional"):
        Model(3)


# -- sequential models --------------------------------------------------------------------------------------------


def test_sequential_is_built_by_its_input_or_its_first_call(backend: Backend) -> None:
    known = Sequential([Input((4,)), Dense(3, activation="relu"), Dense(2)], name="known")
    assert known.output_shape == (None, 2)
    assert known.weights[0].path == f"known/{known.layers[0].name}/kernel"
    deferred = Sequential([Dense(3, activation="relu"), Dense(2)])
    assert not deferred.built
    deferred(X)
    assert deferred.input_shape == (None, 4)
    deferred.set_weights(known.get_weights())
    w = known.get_weights()
    check_close(deferred(X), np.maximum(X @ w[0] + w[1], 0) @ w[2] + w[3])


def test_sequential_layers_are_added_and_removed() -> None:
    model = Sequential([Input((4,)), Dense(3, name="first")])
    model.add(Dense(2, name="second"))
    assert model.output_shape == (None, 2)
    assert model.pop().name == "second"
    assert model.output_shape == (None, 3)
    with pytest.raises(ValueError, match=r"name of its own.*'first'"):
        model.add(Dense(1, name="first"))
    with pytest.raises(ValueError, match="must come first"):
        model.add(Input((3,)))
    with pytest.raises(ValueError, match="only layers"):
        model.add(3)
    with pytest.raises(ValueError, match="no layers"):
        Sequential().build((None, 3))


@pytest.mark.parametrize("built", [True, False])
def test_sequential_config_makes_an_equal_model(built: bool) -> None:
    model = Sequential([*([Input((4,))] if built else []), Dense(3), Dense(2)], name="s")
    config = written(model)
    assert ("build_input_shape" in config["config"]) is built
    assert written(deserialize_keras_object(config)) == config
    assert written(model_from_json(model.to_json())) == config


# -- what all have ------------------------------------------------------------------------------------------------


def test_layers_are_found_by_name_and_index() -> None:
    model = graph()
    assert model.get_layer("shared") is model.get_layer(index=2)
    for arguments, message in (({"name": "x"}, "no such layer"), ({"index": 9}, "3 layers"), ({}, "name or its index")):
        with pytest.raises(ValueError, match=message):
            model.get_layer(**arguments)


def test_compile_config_travels() -> None:
    model = Sequential([Input((4,)), Dense(2)])
    model.compile("adam", "mse", metrics=["mae"], loss_weights=None)
    config = json.loads(json.dumps(model.get_compile_config()))
    assert config["optimizer"]["class_name"] == "Adam"
    assert config["loss"] == "mse"
    copy = deserialize_keras_object(written(model))
    assert copy.compiled
    assert type(copy.optimizer).__name__ == "Adam"
    assert json.loads(json.dumps(copy.get_compile_config())) == config
    assert Sequential([Dense(1)]).get_compile_config() == {}


def test_clone_has_layers_of_its_own() -> None:
    model = graph()
    copy = clone_model(model)
    assert not {id(w) for w in copy.weights} & {id(w) for w in model.weights}
    copy.set_weights(model.get_weights())
    check_close(copy({"a": X, "b": Z}), graph_by_hand(model.get_weights(), X, Z))

    def wider(layer: Layer) -> Layer:
        return Dense(7, name=layer.name)

    sequential = clone_model(Sequential([Input((4,)), Dense(2)]), clone_function=wider)
    assert sequential.output_shape == (None, 7)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_and_pickles_compute_with_weights_of_their_own(again: Any, backend: Backend) -> None:
    inner = Sequential([Input((4,)), Dense(2)])
    x = Input((4,))
    model = Model(x, ops.relu(inner.layers[0](x)) + inner(x))
    expected = arrays(model(X))
    copied = again(model)
    np.testing.assert_array_equal(arrays(copied(X)), expected)
    copied.set_weights([np.zeros_like(array) for array in copied.get_weights()])
    assert not arrays(copied(X)).any()
    np.testing.assert_array_equal(arrays(model(X)), expected)
    assert len(copied.weights) == 2
    assert copied(Input((4,))).shape == (None, 2)


def test_summary_counts_parameters() -> None:
    lines: list[str] = []
    inner = Sequential([Input((4,)), Dense(3, name="in_inner")], name="inner")
    x = Input((4,))
    model = Model(x, Dense(2, name="end")(inner(x)) + 1)
    model.get_layer("end").trainable = False
    model.summary(print_fn=lines.append, expand_nested=True, show_trainable=True)
    text = "\n".join(lines)
    assert "inner (Sequential)" in text
    assert "in_inner (Dense)" in text
    assert " (Add) " in text
    assert "(None, 2)" in text
    assert "Total params: 23 (92.00 B)" in text
    assert "Trainable params: 15 (60.00 B)" in text
    assert "Non-trainable params: 8 (32.00 B)" in text
    with pytest.raises(ValueError, match="no layer's name matches"):
        model.summary(print_fn=lines.append, layer_range=("nothing", "end"))


def test_unregistered_class_is_not_made() -> None:
    class Unknown(Classifier):
        pass

    config = serialize_keras_object(Unknown())
    with pytest.raises(TypeError, match="neither registered nor public"):
        deserialize_keras_object(config)
    with CustomObjectScope({"Unknown": Unknown}):
        assert isinstance(deserialize_keras_object(config), Unknown)
