"""Functions as layers: what they are given, and how they come back from a file, which never runs code by itself."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from dl_layers import Dense, Embedding, Input, Lambda
from dl_layers.layer import masks
from dl_layers.serialization import deserialize, serialize
from dl_ops import ops
from dl_ops.backend import Backend
from dl_ops.objects import SafeModeScope, register_keras_serializable

X = np.array([[1.0, -2.0]], "float32")


@register_keras_serializable("tests")
def scaled(x: Any, factor: float = 2.0) -> Any:
    return ops.multiply(x, factor)


def unknown(x: Any) -> Any:
    return x


def through_json(layer: Any) -> Any:
    return json.loads(json.dumps(serialize(layer)))


def result(layer: Any) -> Any:
    return ops.convert_to_numpy(layer(X)).tolist()


def nameless(**options: Any) -> Any:
    return Lambda(lambda x, factor=3.0: x * factor, **options)


def test_a_registered_function_stands_in_a_file_by_its_name(backend: Backend) -> None:
    config = through_json(Lambda(scaled, arguments={"factor": 4.0}))
    assert config["config"]["function"]["config"] == "tests>scaled"
    assert result(deserialize(config)) == [[4.0, -8.0]]
    assert result(Lambda.from_config(config["config"])) == [[4.0, -8.0]]


def test_a_custom_object_is_found_by_its_name() -> None:
    config = through_json(Lambda(unknown))
    with pytest.raises(TypeError, match="'unknown', which is neither registered nor public"):
        deserialize(config)
    assert result(deserialize(config, custom_objects={"unknown": scaled})) == [[2.0, -4.0]]
    assert result(Lambda.from_config(config["config"], custom_objects={"unknown": scaled})) == [[2.0, -4.0]]


def test_byte_code_is_refused_unless_safe_mode_is_off() -> None:
    with pytest.warns(UserWarning, match="written as byte code"):
        config = through_json(nameless())
    assert config["config"]["function"].keys() == {"class_name", "config"}
    assert config["config"]["function"]["config"].keys() == {"code", "defaults", "closure"}
    for read in (lambda: deserialize(config), lambda: Lambda.from_config(config["config"])):
        with pytest.raises(ValueError, match="refused in safe mode"):
            read()
        with SafeModeScope(False):
            assert result(read()) == [[3.0, -6.0]]
    assert result(Lambda.from_config(config["config"], safe_mode=False)) == [[3.0, -6.0]]
    # the reader of a file decides, not what it reads
    with SafeModeScope(True), pytest.raises(ValueError, match="refused in safe mode"):
        Lambda.from_config(config["config"], safe_mode=False)


@pytest.mark.parametrize("option", ["output_shape", "mask", "arguments"])
def test_byte_code_is_refused_wherever_it_stands(option: str) -> None:
    with pytest.warns(UserWarning, match="written as byte code"):
        code = through_json(nameless())["config"]["function"]
    config = {"function": through_json(Lambda(scaled))["config"]["function"], option: code}
    if option == "arguments":
        config["arguments"] = {"factor": code}
    with pytest.raises(ValueError, match="refused in safe mode"):
        Lambda.from_config(config)


@pytest.mark.parametrize("function", [["4wE=", None, None], "os.system", {"class_name": "system", "module": "os"}, 3])
def test_a_config_brings_in_no_function_of_its_own(function: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        Lambda.from_config({"function": function})


def test_mask_and_training_are_handed_on_to_a_function_that_takes_them(backend: Backend) -> None:
    given: list[Any] = []

    def look(x: Any, mask: Any = None, training: Any = None) -> Any:
        given.append((mask, training))
        return ops.add(x, 1.0)

    x = Embedding(3, 2, mask_zero=True)(np.array([[1, 0]]))
    y = Lambda(look, mask=lambda inputs, mask: ops.logical_not(mask))(x, training=True)
    assert ops.convert_to_numpy(given[-1][0]).tolist() == [[True, False]]
    assert given[-1][1] is True
    assert ops.convert_to_numpy(masks.get_mask(y)).tolist() == [[False, True]]
    with pytest.warns(UserWarning, match="does not support masking"):
        assert masks.get_mask(Lambda(look)(x)) is None


def test_output_shapes() -> None:
    assert Lambda(ops.sum, arguments={"axis": -1}).compute_output_shape((None, 3)) == (None,)
    assert Lambda(unknown, output_shape=(7, None)).compute_output_shape((5, 3)) == (5, 7, None)
    doubled = Lambda(lambda x: ops.concatenate([x, x], 1), output_shape=lambda shape: (shape[0], 2 * shape[1]))
    assert doubled(Input((3,))).shape == (None, 6)
    assert Lambda(lambda xs: xs[0], output_shape=(3,)).compute_output_shape([(None, 3), (None, 4)]) == (None, 3)


def test_a_lambda_in_a_chain_of_symbolic_layers() -> None:
    y = Dense(2)(Lambda(scaled)(Input((3,))))
    assert y.shape == (None, 2)
