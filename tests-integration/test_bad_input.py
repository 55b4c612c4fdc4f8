"""What users and files get wrong: each a clear error, and nothing else happens."""

from __future__ import annotations

import base64
import json
import marshal
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

import dl

X = np.ones((8, 4), "float32")
Y = np.zeros((8, 1), "float32")
CLASSES = np.array([0, 1] * 4)
IMAGES = np.ones((2, 6, 6, 1), "float32")
NAN = float("nan")
WRONG: dict[str, Any] = {"a fraction": 2.5, "a text": "3", "an object": object()}
"""What type checkers would not let pass."""

Row: TypeAlias = tuple[str, Callable[[], Any], Any, list[str]]
"""Name, call, type of its error, and what the message must say."""


@pytest.fixture(autouse=True)
def on_numpy() -> Iterator[None]:
    """What is checked here comes before any backend."""
    with dl.backend_scope("numpy"):
        yield


def model(outputs: int = 1, loss: str | None = "mean_squared_error") -> Any:
    head = dl.layers.Dense(outputs, name="head", activation="softmax" if outputs > 1 else None)
    sequential = dl.Sequential([dl.Input((4,), name="features"), head])
    if loss is not None:
        sequential.compile("sgd", loss)
    return sequential


def classifier() -> Any:
    return model(2, "sparse_categorical_crossentropy")


def fit(x: Any = X, y: Any = Y, **options: Any) -> Any:
    return model().fit(x, y, verbose=0, **options)


def weighted(class_weight: Any) -> Any:
    return classifier().fit(X, CLASSES, class_weight=class_weight, verbose=0)


def two_inputs() -> Any:
    inputs = {name: dl.Input((4,), name=name) for name in ("left", "right")}
    both = dl.Model(inputs, dl.layers.Dense(1)(dl.layers.Concatenate()([*inputs.values()])))
    both.compile("sgd", "mean_squared_error")
    return both


# -- arguments ---------------------------------------------------------------------------------------------------------

ARGUMENTS: list[Row] = [
    ("negative units", lambda: dl.layers.Dense(-1), ValueError, ["Dense(units=-1)", "positive integer"]),
    ("no units", lambda: dl.layers.Dense(0), ValueError, ["Dense(units=0): units must be a positive integer"]),
    ("units, a fraction", lambda: dl.layers.Dense(WRONG["a fraction"]), ValueError, ["units=2.5", "positive integer"]),
    ("units, a text", lambda: dl.layers.Dense(WRONG["a text"]), ValueError, ["units='3'", "positive integer"]),
    ("negative units of an LSTM", lambda: dl.layers.LSTM(-3), ValueError, ["LSTM", "units=-3", "positive integer"]),
    ("negative filters", lambda: dl.layers.Conv2D(-1, 3), ValueError, ["Conv2D(filters=-1)", "positive integer"]),
    ("empty window", lambda: dl.layers.Conv2D(1, (3, 0)), ValueError, ["kernel_size=(3, 0)", "at least 1"]),
    ("no vocabulary", lambda: dl.layers.Embedding(0, 3), ValueError, ["Embedding(input_dim=0)", "positive integer"]),
    ("no heads", lambda: dl.layers.MultiHeadAttention(0, 3), ValueError, ["num_heads=0", "positive integer"]),
    ("rate above 1", lambda: dl.layers.Dropout(1.5), ValueError, ["Dropout(rate=1.5)", "between 0 and 1"]),
    ("unknown padding", lambda: dl.layers.Conv2D(1, 3, padding="smae"), ValueError, ["padding='smae'", "'same'"]),
    ("unknown activation", lambda: dl.layers.Dense(1, activation="rleu"), ValueError, ["'rleu'", "mean 'relu'"]),
    (
        "unknown initializer",
        lambda: dl.layers.Dense(1, kernel_initializer="glorot_unifrom"),
        ValueError,
        ["initializer 'glorot_unifrom'", "did you mean 'glorot_uniform'"],
    ),
    ("unknown optimizer", lambda: model().compile("adm"), ValueError, ["optimizer 'adm'", "did you mean 'adam'"]),
    (
        "unknown loss",
        lambda: model(loss="mean_squared_eror").fit(X, Y, verbose=0),
        ValueError,
        ["loss 'mean_squared_eror'", "did you mean 'mean_squared_error'"],
    ),
    ("unknown dtype of a layer", lambda: dl.layers.Dense(1, dtype="flaot32"), ValueError, ["'flaot32'", "float32"]),
    ("unknown dtype of an op", lambda: dl.ops.cast(X, "flaot32"), ValueError, ["cast()", "'flaot32'", "float32"]),
    (
        "unknown backend",
        lambda: dl.config.set_backend("jaxx"),
        ValueError,
        ["'jaxx'", "installed: ", "numpy", "pip install"],
    ),
]

# -- shapes and dtypes -------------------------------------------------------------------------------------------------

SHAPES: list[Row] = [
    ("features, called", lambda: model()(X[:, :3]), ValueError, ["'features'", "(None, 4)", "(8, 3)"]),
    ("features, in fit", lambda: fit(X[:, :3]), ValueError, ["'features'", "(None, 4)", "(8, 3)"]),
    (
        "features of a built layer",
        lambda: model().layers[0](X[:, :3]),
        ValueError,
        ["'head'", "4", "(8, 3)"],
    ),
    ("rank", lambda: dl.layers.Conv2D(1, 3, name="conv")(X), ValueError, ["'conv'", "4 dimensions", "(8, 4)"]),
    ("window, eager", lambda: dl.layers.Conv2D(1, 9, name="c")(IMAGES), ValueError, ["'c'", "(9, 9)", "(6, 6)"]),
    (
        "window, symbolic",
        lambda: dl.layers.Conv2D(1, 9, name="c")(dl.Input((6, 6, 1))),
        ValueError,
        ["'c'", "(9, 9)", "(6, 6)"],
    ),
    (
        "merged",
        lambda: dl.layers.Add(name="sum")([dl.Input((3,)), dl.Input((4,))]),
        ValueError,
        ["'sum'", "(None, 3)", "(None, 4)"],
    ),
    (
        "concatenated",
        lambda: dl.layers.Concatenate(name="join")([X, X[:3]]),
        ValueError,
        ["'join'", "(8, 4)", "(3, 4)", "axis 0"],
    ),
    ("matrices", lambda: dl.ops.matmul(X, X), ValueError, ["matmul()", "(8, 4) and (8, 4)", "4 columns", "8 rows"]),
    ("broadcast", lambda: dl.ops.add(X, X[:, :3]), ValueError, ["add()", "(8, 4)", "(8, 3)", "4 and 3"]),
    ("weights", lambda: model().set_weights([X, X]), ValueError, ["head/kernel'", "(8, 4)", "(4, 1)"]),
    ("number of weights", lambda: model().set_weights([X]), ValueError, ["got 1 arrays", "2 weights"]),
    ("text for numbers", lambda: fit(np.full((8, 4), "a")), (TypeError, ValueError), ["'sequential", "string(8, 4)"]),
    ("objects for numbers", lambda: fit(np.full((8, 4), None)), TypeError, ["x is", "object", "numbers"]),
    ("text in an op", lambda: dl.ops.add(np.array(["a"]), 1.0), TypeError, ["add()", "str"]),
    (
        "something else in an op",
        lambda: dl.ops.add(WRONG["an object"], 1.0),
        TypeError,
        ["add()", "object", "not a tensor"],
    ),
]

# -- training ----------------------------------------------------------------------------------------------------------

TRAINING: list[Row] = [
    ("fit, not compiled", lambda: model(loss=None).fit(X, Y), ValueError, ["fit()", "compile the model first"]),
    ("evaluate, not compiled", lambda: model(loss=None).evaluate(X, Y), ValueError, ["evaluate()", "compile"]),
    ("step, not compiled", lambda: model(loss=None).train_on_batch(X, Y), ValueError, ["train_on_batch()", "compile"]),
    ("no samples", lambda: fit(X[:0], Y[:0]), ValueError, ["no data", "no samples"]),
    ("no samples to predict", lambda: model().predict(X[:0], verbose=0), ValueError, ["no data", "no samples"]),
    ("no samples to evaluate", lambda: model().evaluate(X[:0], Y[:0], verbose=0), ValueError, ["no data"]),
    ("no batches", lambda: fit(iter([]), None), ValueError, ["no data", "not a single batch"]),
    ("no data at all", lambda: fit(None, None), ValueError, ["x is None", "no data"]),
    ("no targets", lambda: fit(X, None), ValueError, ["compiled with a loss", "no targets y"]),
    ("fewer targets", lambda: fit(X, Y[:5]), ValueError, ["number of samples", "x has 8", "y has 5"]),
    (
        "fewer sample weights",
        lambda: fit(sample_weight=np.ones(3)),
        ValueError,
        ["number of samples", "sample_weight has 3", "x has 8"],
    ),
    ("one of two inputs", lambda: two_inputs().fit({"left": X, "right": X[:4]}, Y, verbose=0), ValueError,
     ["x['left'] has 8", "x['right'] has 4", "y has 8"]),
    ("a missing input", lambda: two_inputs().fit({"left": X}, Y, verbose=0), ValueError, ["'right'"]),
    ("fewer targets to validate", lambda: fit(validation_data=(X, Y[:2])), ValueError, ["x has 8", "y has 2"]),
    ("split above 1", lambda: fit(validation_split=1.5), ValueError, ["validation_split=1.5", "between 0 and 1"]),
    ("empty batches", lambda: fit(batch_size=0), ValueError, ["batch_size=0", "positive integer"]),
    ("negative epochs", lambda: fit(epochs=-1), ValueError, ["epochs=-1"]),
    ("half an epoch", lambda: fit(epochs=0.5), ValueError, ["epochs=0.5"]),
    ("weight of a class: NaN", lambda: weighted({0: NAN, 1: 1.0}), ValueError, ["class_weight[0]=nan", "finite"]),
    ("weight of a class: infinite", lambda: weighted({0: float("inf")}), ValueError, ["class_weight[0]=inf", "finite"]),
    ("weight of a class: negative", lambda: weighted({1: -1.0}), ValueError, ["class_weight[1]=-1.0", "not negative"]),
    ("weight of a class: missing", lambda: weighted({0: None, 1: 1.0}), ValueError, ["class_weight[0]=None", "number"]),
    ("weight of a class: a text", lambda: weighted({0: "a"}), ValueError, ["class_weight[0]='a'", "number"]),
    ("weights of no class", lambda: weighted({}), ValueError, ["class_weight={}", "dictionary"]),
    ("weights in a list", lambda: weighted([1.0, 2.0]), ValueError, ["class_weight=[1.0, 2.0]", "dictionary"]),
    ("a class by its name", lambda: weighted({"cat": 1.0}), ValueError, ["class_weight", "'cat'", "number of a class"]),
]  # fmt: skip


def check(call: Callable[[], Any], kind: Any, pieces: list[str]) -> None:
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    assert [piece for piece in pieces if piece not in message] == [], message


@pytest.mark.parametrize(
    ("call", "kind", "pieces"),
    [pytest.param(*row, id=name) for name, *row in ARGUMENTS + SHAPES + TRAINING],
)
def test_mistakes(call: Callable[[], Any], kind: Any, pieces: list[str]) -> None:
    check(call, kind, pieces)


def test_a_model_is_as_before_after_data_that_do_not_fit() -> None:
    trained = model()
    trained.fit(X, Y, verbose=0)
    before = [*trained.get_weights(), *(variable.numpy() for variable in trained.optimizer.variables)]
    for x, y, weight in ((X[:, :3], Y, None), (X, Y[:5], None), (X[:0], Y[:0], None), (X, Y, {0: NAN})):
        with pytest.raises(ValueError):  # noqa: PT011  # their messages are looked at above
            trained.fit(x, y, class_weight=weight, verbose=0)
    after = [*trained.get_weights(), *(variable.numpy() for variable in trained.optimizer.variables)]
    for then, now in zip(before, after, strict=True):
        np.testing.assert_array_equal(now, then)
    assert np.isfinite(trained.fit(X, Y, verbose=0).history["loss"][0])


# -- files -------------------------------------------------------------------------------------------------------------

Config: TypeAlias = dict[str, Any]
Members: TypeAlias = dict[str, bytes]
Attack: TypeAlias = Callable[[Path, Path], object]
"""Turns a model file into a bad one that would write the sentinel, if it could."""


def rewritten(change: Callable[[Config, Members, Path], Any]) -> Attack:
    """Attack that changes an archive's config and members."""

    def attack(path: Path, sentinel: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        config = json.loads(members["config.json"])
        change(config, members, sentinel)
        members["config.json"] = json.dumps(config).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    return attack


def layer_replaced(make: Callable[[Path], Config]) -> Attack:
    """Attack that puts another config into the place of the model's only layer's."""
    return rewritten(lambda config, members, sentinel: config["config"]["layers"][1].update(make(sentinel)))


def model_replaced(make: Callable[[Path], Config]) -> Attack:
    """Attack that puts another config into the place of the model's."""
    return rewritten(lambda config, members, sentinel: config.update(make(sentinel)))


def named(module: str | None, name: str) -> Callable[[Path], Config]:
    """Config that names what takes a command."""

    def make(sentinel: Path) -> Config:
        config = {"command": f"touch {sentinel}"}
        return {"module": module, "class_name": name, "registered_name": name, "config": config}

    return make


def with_byte_code(sentinel: Path) -> Config:
    """A Lambda layer as Keras writes it, whose function writes the sentinel."""
    code = compile(f"lambda x: open({str(sentinel)!r}, 'w')", "<file>", "eval").co_consts[0]
    text = base64.b64encode(marshal.dumps(code)).decode()
    function = {"class_name": "__lambda__", "config": {"code": text, "defaults": None, "closure": None}}
    return {
        "module": "keras.layers",
        "class_name": "Lambda",
        "registered_name": None,
        "config": {"name": "head", "trainable": True, "dtype": "float32", "function": function, "arguments": {}},
    }


def activation_with_byte_code(config: Config, members: Members, sentinel: Path) -> None:
    config["config"]["layers"][1]["config"]["activation"] = with_byte_code(sentinel)["config"]["function"]


def cut_off(path: Path, sentinel: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


FILES: list[tuple[str, Attack, Any, list[str]]] = [
    ("cut off", cut_off, ValueError, ["cut off or damaged"]),
    ("no zip", lambda path, sentinel: path.write_text("hello"), ValueError, ["no zip archive"]),
    ("empty", lambda path, sentinel: path.write_bytes(b""), ValueError, ["no zip archive"]),
    ("missing", lambda path, sentinel: path.unlink(), ValueError, ["no such file"]),
    ("no config", rewritten(lambda c, m, s: c.clear()), ValueError, ["config.json"]),
    ("no weights", rewritten(lambda c, m, s: m.pop("model.weights.h5")), ValueError, ["model.weights.h5"]),
    (
        "weights of another model",
        rewritten(lambda c, m, s: c["config"]["layers"][1]["config"].update(units=3)),
        ValueError,
        ["'head'", "'kernel'", "(4, 3)", "(4, 1)"],
    ),
    (
        "a layer that nobody has",
        layer_replaced(named("keras.layers", "Dens")),
        ValueError,
        ["keras.layers.Dens", "did you mean 'keras.layers.Dense'"],
    ),
    (
        "somebody's own layer",
        layer_replaced(named("their.layers", "Own")),
        TypeError,
        ["'their.layers.Own'", "custom_objects", "register_keras_serializable"],
    ),
    ("os.system for a layer", layer_replaced(named("os", "system")), TypeError, ["'os.system'", "neither registered"]),
    (
        "os.system for the model",
        model_replaced(named("os", "system")),
        TypeError,
        ["'os.system'", "neither registered"],
    ),
    ("eval", layer_replaced(named("builtins", "eval")), TypeError, ["'builtins.eval'", "neither registered"]),
    ("no module", layer_replaced(named(None, "system")), TypeError, ["'system'", "neither registered"]),
    ("a file's loader", layer_replaced(named("keras.saving", "load_model")), (TypeError, ValueError), ["load_model"]),
    ("a Lambda with byte code", layer_replaced(with_byte_code), ValueError, ["Lambda"]),
    ("an activation with byte code", rewritten(activation_with_byte_code), ValueError, ["byte code", "safe_mode"]),
    ("a way out", rewritten(lambda c, m, s: m.update({"../evil": b"x"})), ValueError, ["'../evil'", "not allowed"]),
    (
        "a way out of the assets",
        rewritten(lambda c, m, s: m.update({f"assets/../../{s.name}": b"x"})),
        ValueError,
        ["not allowed"],
    ),
    ("an absolute name", rewritten(lambda c, m, s: m.update({str(s): b"x"})), ValueError, ["not allowed"]),
]


@pytest.mark.parametrize(("attack", "kind", "pieces"), [pytest.param(*row, id=name) for name, *row in FILES])
def test_files(attack: Attack, kind: Any, pieces: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, temporary, sentinel = tmp_path / "folder", tmp_path / "temporary", tmp_path / "sentinel"
    folder.mkdir()
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.chdir(folder)
    path = folder / "model.keras"
    model().save(path)
    attack(path, sentinel)
    (tmp_path / "modules" / "their").mkdir(parents=True)
    (tmp_path / "modules" / "their" / "__init__.py").write_text(f"open({str(sentinel)!r}, 'w')")
    monkeypatch.syspath_prepend(tmp_path / "modules")
    existing = set(tmp_path.rglob("*"))
    loaded: list[Any] = []
    check(lambda: loaded.append(dl.models.load_model(path)), kind, [str(path), *pieces])
    assert loaded == []
    assert set(tmp_path.rglob("*")) == existing  # no sentinel, nothing unpacked, nothing left behind
    assert "their" not in sys.modules


@pytest.mark.parametrize("name", ["cut off", "no zip", "a way out", "no weights"])
def test_weights_that_cannot_be_read_leave_a_model_as_it_was(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    source = model()
    source.save(path)
    next(row[1] for row in FILES if row[0] == name)(path, tmp_path / "sentinel")
    target = model()
    before = target.get_weights()
    with pytest.raises(ValueError, match=r"model\.keras"):
        target.load_weights(path)
    for then, now in zip(before, target.get_weights(), strict=True):
        np.testing.assert_array_equal(now, then)


def test_weights_of_another_shape_are_all_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    dl.utils.set_random_seed(1)
    source, target = (dl.Sequential([dl.Input((4,)), dl.layers.Dense(5), dl.layers.Dense(units)]) for units in (3, 2))
    source.save_weights(path)
    before = target.get_weights()
    with pytest.raises(ValueError, match=r"\(5, 2\).*\(5, 3\)"):
        target.load_weights(path)
    for then, now in zip(before, target.get_weights(), strict=True):
        np.testing.assert_array_equal(now, then)  # the first layer fits, and is not loaded either


@pytest.mark.parametrize(
    ("name", "kind", "pieces"),
    [
        ("model.xyz", ValueError, ["model.xyz", ".keras"]),
        ("missing/model.keras", FileNotFoundError, ["missing", "no folder"]),
    ],
)
def test_places_that_cannot_be_written_to(name: str, kind: Any, pieces: list[str], tmp_path: Path) -> None:
    check(lambda: model().save(tmp_path / name), kind, pieces)
    assert list(tmp_path.iterdir()) == []


# -- killed while it saves ---------------------------------------------------------------------------------------------

SAVER = """
import itertools, sys
import numpy as np
import dl
dl.config.set_backend("numpy")
model = dl.Sequential([dl.Input((500,)), dl.layers.Dense(500), dl.layers.Dense(500)])
model.compile("adam", "mse")
model.optimizer.build(model.trainable_variables)
for number in itertools.count(int(sys.argv[2])):
    model.set_weights([np.full(weight.shape, number, "float32") for weight in model.get_weights()])
    print(number, flush=True)
    model.save(sys.argv[1])
"""


@pytest.mark.skipif(os.name != "posix", reason="the process is ended by a POSIX signal")
def test_killed_while_it_saves_the_old_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    number, midway = 0, 0
    for round_ in range(4):
        for leftover in tmp_path.glob(".model.keras.*.tmp"):
            leftover.unlink()
        command = [sys.executable, "-c", SAVER, str(path), str(number + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            # a number is printed before it is saved, so that the one before it is in the file now
            for _ in range(2):
                number = int(process.stdout.readline())
            while not any(tmp_path.glob(".model.keras.*.tmp")):
                assert process.poll() is None
            time.sleep(0.002 * round_)
            process.send_signal(signal.SIGKILL)
            last = max([number, *(int(line) for line in process.stdout if line.endswith("\n"))])
        saved = dl.models.load_model(path)
        values = np.unique(np.concatenate([weight.ravel() for weight in saved.get_weights()]))
        assert len(values) == 1
        assert values[0] in (last - 1, last)
        midway += values[0] == last - 1
        number = last
    assert midway  # or it was never killed while it saved
