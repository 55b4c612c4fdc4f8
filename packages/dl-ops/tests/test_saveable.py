"""What is saved, under which names: Keras's, as found in files that it wrote."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_ops.naming import auto_name, get_uid, reset_uids, to_snake_case, unique_name
from dl_ops.saveable import Saveable, in_keras_order, load_variables, save_variables, walk


class Node(Saveable):
    def __init__(self, **children: Any) -> None:
        self.children = children

    def saved_children(self) -> Mapping[str, Any]:
        return in_keras_order(self.children)


class Dense(Node):
    pass


class ReLU(Node):
    pass


class FakeVariable:
    def __init__(self, name: str, value: Any) -> None:
        self.name, self.value = name, np.asarray(value)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def numpy(self) -> Any:
        return self.value

    def assign(self, value: Any) -> None:
        self.value = value


def paths(root: Saveable) -> list[str]:
    return [path for path, _ in walk(root)]


def test_attributes_lists_dictionaries_and_containers_have_keras_names() -> None:
    root = Node(
        blocks=[Dense(), Node(cell=Dense()), Dense(), ReLU(), 3, None],
        dd={"k1": Dense(), "a/b": Dense(), "nested": [Dense()], "more": (Dense(), {"x": Dense()})},
        empty=[],
        zed=Dense(),
    )
    assert paths(root) == [
        "",
        *("blocks/dense", "blocks/node", "blocks/node/cell", "blocks/dense_1", "blocks/re_lu"),
        *("dd/dense", "dd/dense_1", "dd/container/dense", "dd/container_1/dense", "dd/container_1/container/dense"),
        "zed",
    ]


def test_an_object_is_saved_once_and_its_number_is_used_up() -> None:
    shared, last = Dense(), Dense()
    assert paths(Node(inner=shared, layers=[shared, last], zed=last)) == ["", "inner", "layers/dense_1"]


def test_cycles_end() -> None:
    root = Node()
    root.children = {"itself": root, "others": [root]}
    assert paths(root) == [""]


def test_private_names_come_last() -> None:
    dense = Dense()
    assert paths(Node(_key_dense=dense, key_dense=dense, Zeta=Dense(), _softmax=ReLU())) == [
        "",
        "Zeta",
        "key_dense",
        "_softmax",
    ]


@pytest.mark.parametrize("name", ["a/b", "", "..", "vars"])
def test_names_that_cannot_be_groups_are_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="group"):
        paths(Node(**{name: Dense()}))


def test_children_must_be_saveable() -> None:
    with pytest.raises(TypeError, match="'a'"):
        paths(Node(a=3))


@given(st.lists(st.lists(st.floats(width=32, allow_nan=False), max_size=3), max_size=4))
def test_variables_survive_the_round_trip(values: list[list[float]]) -> None:
    store: dict[str, Any] = {}
    save_variables([FakeVariable("v", value) for value in values], store)
    assert sorted(store) == sorted(str(i) for i in range(len(values)))
    loaded = [FakeVariable("v", np.zeros_like(value)) for value in values]
    load_variables(loaded, store, "layer 'a'")
    for variable, value in zip(loaded, values, strict=True):
        np.testing.assert_array_equal(variable.value, value)


@pytest.mark.parametrize(
    ("store", "message"),
    [
        ({}, r"layer 'd' has 2 variables \[kernel, bias\], the file has 0"),
        ({"0": np.ones(2)}, "the file has 1"),
        ({"0": np.ones(2), "2": np.ones(1)}, "the file has 2"),
        ({"0": np.ones(2), "1": np.ones(3)}, r"'bias' has shape \(1,\), the file has one of shape \(3,\)"),
    ],
)
def test_variables_that_do_not_fit_change_nothing(store: dict[str, Any], message: str) -> None:
    variables = [FakeVariable("kernel", [0.0, 0.0]), FakeVariable("bias", [0.0])]
    with pytest.raises(ValueError, match=message):
        load_variables(variables, store, "layer 'd'")
    assert [variable.value.tolist() for variable in variables] == [[0.0, 0.0], [0.0]]


SNAKE_CASE = {
    "Dense": "dense",
    "Conv2D": "conv2d",
    "Conv2DTranspose": "conv2d_transpose",
    "LSTM": "lstm",
    "ConvLSTM1D": "conv_lstm1d",
    "ReLU": "re_lu",
    "PReLU": "p_re_lu",
    "RMSprop": "rm_sprop",
    "AdamW": "adam_w",
    "F1Score": "f1_score",
    "MyHTTPLayer2D": "my_http_layer2d",
    "_Private": "__private",
    "Foo_Bar": "foo__bar",
    "foo-Bar": "foo_bar",
    "already_snake": "already_snake",
}


@pytest.mark.parametrize(("name", "expected"), SNAKE_CASE.items())
def test_snake_case_is_that_of_keras(name: str, expected: str) -> None:
    assert to_snake_case(name) == expected


@given(st.text(string.ascii_letters + string.digits + "_", min_size=1))
def test_snake_case_only_adds_underscores_and_is_stable(name: str) -> None:
    snake = to_snake_case(name)
    assert snake.replace("_", "") == name.replace("_", "").lower()
    assert to_snake_case(snake) == snake


def test_names_are_counted_until_reset() -> None:
    reset_uids()
    assert [auto_name("Dense"), unique_name("dense"), auto_name("ReLU")] == ["dense", "dense_1", "re_lu"]
    assert get_uid("dense") == 3
    assert auto_name("Dense") == "dense_3"
    reset_uids()
    assert auto_name("Dense") == "dense"
