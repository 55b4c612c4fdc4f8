"""Configs of experiments, and pictures of models as graphs."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dl_layers import Add, Dense, Input
from dl_ops.backend import backend_scope
from dl_train.models import Model, Sequential
from dl_train.utils import Config, model_to_dot, plot_model


@pytest.fixture(autouse=True)
def on_numpy() -> Iterator[None]:
    with backend_scope("numpy"):
        yield


# -- configs -----------------------------------------------------------------------------------------------------------


def test_a_config_is_a_dictionary_and_an_object() -> None:
    config = Config(a=1, inner=Config(b=[2]))
    config.c = "x"
    config["d"] = None
    config.update({"a": 3}, e=4)
    assert (config.a, config["c"], config.get("d", 5), config.get("z", 5), "e" in config, len(config)) == (
        3, "x", None, 5, True, 5,
    )  # fmt: skip
    assert config.pop("e") == 4
    assert config.pop("e", "gone") == "gone"
    del config.d
    assert list(config) == list(config.keys()) == ["a", "inner", "c"]
    assert dict(config.items())["a"] == next(iter(config.values())) == 3
    assert config.as_dict() == json.loads(config.to_json()) == {"a": 3, "inner": {"b": [2]}, "c": "x"}
    assert Config(**config) == config
    assert repr(Config(a=1)) == "<Config {'a': 1}>"
    assert "inner" in dir(config)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: setattr(c, "a", 2),
        lambda c: c.__setitem__("new", 2),
        lambda c: c.__delitem__("a"),
        lambda c: delattr(c, "a"),
        lambda c: c.pop("a"),
        lambda c: c.update(a=2),
        lambda c: c.setdefault("b", 2),
        lambda c: c.clear(),
    ],
)
def test_a_frozen_config_does_not_change(change: Any) -> None:
    config = Config(a=1)
    config.freeze()
    with pytest.raises(ValueError, match="frozen"):
        change(config)
    assert config.as_dict() == {"a": 1}
    config.unfreeze()
    change(config)
    assert config.as_dict() != {"a": 1}
    assert not config.frozen


@pytest.mark.parametrize("again", [copy.deepcopy, copy.copy, lambda config: pickle.loads(pickle.dumps(config))])
def test_copies_of_configs(again: Any) -> None:
    config = Config(a=[1])
    config.freeze()
    assert again(config) == config
    assert again(config).frozen


def test_what_a_config_does_not_have() -> None:
    with pytest.raises(AttributeError, match="no value 'b'"):
        _ = Config(a=1).b
    with pytest.raises(AttributeError, match="no value 'b'"):
        del Config(a=1).b
    with pytest.raises(KeyError):
        _ = Config(a=1)["b"]
    with pytest.raises(TypeError, match="JSON"):
        Config(a=object()).to_json()


# -- pictures ----------------------------------------------------------------------------------------------------------


def inner() -> Model:
    return Sequential([Input((4,), name="x"), Dense(4, name="p"), Dense(4, name="q")], name="inner")


def graph() -> Model:
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = Dense(4, "relu", name="shared")
    total = Add(name="sum")([shared(a), shared(b)])
    return Model([a, b], [Dense(2, name="out")(inner()(total)), total * 2.0], name="net")


def edges(dot: Any) -> set[tuple[str, str]]:
    return {(e.get_source().strip('"'), e.get_destination().strip('"')) for e in dot.get_edges()}


def labels(dot: Any) -> dict[str, str]:
    return {n.get_name().strip('"'): n.get_label() for n in dot.get_nodes() if n.get_label()}


def test_boxes_and_arrows_are_layers_and_calls() -> None:
    pytest.importorskip("pydot")
    dot = model_to_dot(graph(), show_shapes=True, show_dtype=True, show_layer_activations=True, show_trainable=True)
    product = next(name for name in labels(dot) if name.startswith("multiply"))
    assert edges(dot) == {
        ("a", "shared"), ("b", "shared"), ("shared", "sum"), ("sum", "inner"), ("inner", "out"), ("sum", product),
    }  # fmt: skip
    shared = labels(dot)["shared"]
    for text in ("shared (Dense)", "relu", "(None, 4)", "float32", "yes"):
        assert text in shared
    plain = labels(model_to_dot(graph(), show_layer_names=False))["shared"]
    assert "Dense" in plain
    assert "shared" not in plain
    assert "None" not in plain


def test_models_inside_are_frames() -> None:
    pytest.importorskip("pydot")
    dot = model_to_dot(graph(), expand_nested=True)
    (frame,) = dot.get_subgraphs()
    assert edges(frame) == {("inner/x", "inner/p"), ("inner/p", "inner/q")}
    assert {("sum", "inner/x"), ("inner/q", "out")} <= edges(dot)
    assert "inner" not in labels(dot)


def test_a_part_and_a_part_of_another_graph() -> None:
    pydot = pytest.importorskip("pydot")
    dot = model_to_dot(graph(), layer_range=["shared", "inner"])
    assert set(labels(dot)) == {"shared", "sum", "inner"}
    assert edges(dot) == {("shared", "sum"), ("sum", "inner")}
    cluster = model_to_dot(inner(), subgraph=True)
    assert isinstance(cluster, pydot.Cluster)
    assert edges(cluster) == {("x", "p"), ("p", "q")}


# pydot's parser is of an older pyparsing
@pytest.mark.filterwarnings("ignore:.*deprecated - use:DeprecationWarning")
def test_what_is_written_can_be_read_whatever_the_names(tmp_path: Path) -> None:
    pydot = pytest.importorskip("pydot")
    layers = [Input((2,)), Dense(1, name='a "quoted" <b>'), Dense(1, name="back\\slash & co")]
    plot_model(Sequential(layers), tmp_path / "m.dot", show_layer_names=True, rankdir="LR")
    (read,) = pydot.graph_from_dot_file(str(tmp_path / "m.dot"))
    assert len(read.get_edges()) == 2
    assert read.get_rankdir() == "LR"
    assert "a &quot;quoted&quot; &lt;b&gt; (Dense)" in (tmp_path / "m.dot").read_text()


def test_without_graphviz_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pydot")
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(ImportError, match="needs Graphviz"):
        plot_model(graph(), tmp_path / "m.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_a_picture_is_written(tmp_path: Path) -> None:
    pytest.importorskip("pydot")
    plot_model(graph(), tmp_path / "m.png", show_shapes=True)
    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")


ANYTHING: Any = 3


class Subclassed(Model):
    def __init__(self) -> None:
        super().__init__(name="sub")
        self.dense = Dense(1)

    def call(self, x: Any) -> Any:
        return self.dense(x)


def test_a_model_without_a_graph_is_one_box() -> None:
    pytest.importorskip("pydot")
    model = Subclassed()
    model.build((None, 3))
    dot = model_to_dot(model)
    assert list(labels(dot)) == ["sub"]
    assert edges(dot) == set()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: model_to_dot(Sequential([Dense(1)])), "not built"),
        (lambda: model_to_dot(ANYTHING), "expected a model"),
        (lambda: model_to_dot(inner(), rankdir="up"), "rankdir='up'"),
        (lambda: model_to_dot(inner(), layer_range=["p", "z"]), "no layer's name matches"),
        (lambda: model_to_dot(inner(), color="red"), "color"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    pytest.importorskip("pydot")
    with pytest.raises(ValueError, match=message):
        make()
