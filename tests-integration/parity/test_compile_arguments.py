"""What compile() takes for one output and for several: the same names and numbers in the logs as Keras's."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import dl
from dl_ops import backend_scope, tree

# Keras's arrays are of the older protocol; the rest of its warnings are not ours
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SAMPLES, BATCH = 10, 4
_RNG = np.random.default_rng(7)
X = _RNG.standard_normal((SAMPLES, 4)).astype("float32")


def _reals(*shape: int) -> Any:
    return _RNG.standard_normal((SAMPLES, *shape)).astype("float32")


def _weights() -> Any:
    return _RNG.uniform(0.5, 2.0, SAMPLES).astype("float32")


Y2, Z3, W1 = _reals(2), _reals(3), _reals(1)
LABELS = _RNG.integers(0, 3, (SAMPLES,)).astype("int32")
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
BINARY = _RNG.integers(0, 2, (SAMPLES, 1)).astype("float32")
P, Q, R = _weights(), _weights(), _weights()


def absolute(y_true: Any, y_pred: Any) -> Any:
    """Function of a user's, of operators alone."""
    return abs(y_true - y_pred)


# -- models: from the framework's namespace to a model whose layers have the same names and shapes -------------------


def _hidden(k: ModuleType) -> tuple[Any, Any]:
    x = k.Input((4,), name="x")
    return x, k.layers.Dense(3, activation="tanh", name="hidden")(x)


def one(k: ModuleType) -> Any:
    x, h = _hidden(k)
    return k.Model(x, k.layers.Dense(2, name="a")(h))


def one_in_a_list(k: ModuleType) -> Any:
    x, h = _hidden(k)
    return k.Model(x, [k.layers.Dense(2, name="a")(h)])


def one_in_a_dict(k: ModuleType) -> Any:
    x, h = _hidden(k)
    return k.Model(x, {"out": k.layers.Dense(2, name="a")(h)})


def classes(k: ModuleType) -> Any:
    x, h = _hidden(k)
    return k.Model(x, k.layers.Dense(3, activation="softmax", name="a")(h))


def probability(k: ModuleType) -> Any:
    x, h = _hidden(k)
    return k.Model(x, k.layers.Dense(1, activation="sigmoid", name="a")(h))


def two(k: ModuleType) -> Any:
    x, h = _hidden(k)
    return k.Model(x, [k.layers.Dense(2, name="a")(h), k.layers.Dense(3, activation="softmax", name="b")(h)])


def two_by_name(k: ModuleType) -> Any:
    x, h = _hidden(k)
    outputs = {"z": k.layers.Dense(2, name="a")(h), "c": k.layers.Dense(3, activation="softmax", name="b")(h)}
    return k.Model(x, outputs)


def nested(k: ModuleType) -> Any:
    x, h = _hidden(k)
    inner = [k.layers.Dense(3, name="b")(h), k.layers.Dense(1, name="c")(h)]
    return k.Model(x, [k.layers.Dense(2, name="a")(h), inner])


def nested_by_name(k: ModuleType) -> Any:
    x, h = _hidden(k)
    inner = {"r": k.layers.Dense(3, name="b")(h), "q": k.layers.Dense(1, name="c")(h)}
    return k.Model(x, {"p": k.layers.Dense(2, name="a")(h), "inner": inner})


def sequential(k: ModuleType) -> Any:
    return k.Sequential([k.Input((4,)), k.layers.Dense(3, name="hidden"), k.layers.Dense(2, name="a")])


def subclassed(k: ModuleType) -> Any:
    class Heads(k.Model):  # type: ignore[name-defined, misc]  # whichever framework's
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = k.layers.Dense(2, name="a"), k.layers.Dense(3, activation="softmax", name="b")

        def call(self, x: Any) -> Any:
            return {"first": self.a(x), "second": self.b(x)}

    model = Heads()
    model(X)
    return model


def subclassed_list(k: ModuleType) -> Any:
    class Heads(k.Model):  # type: ignore[name-defined, misc]  # whichever framework's
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = k.layers.Dense(2, name="a"), k.layers.Dense(3, activation="softmax", name="b")

        def call(self, x: Any) -> Any:
            return self.a(x), self.b(x)

    model = Heads()
    model(X)
    return model


def subclassed_deeply(k: ModuleType) -> Any:
    class Heads(k.Model):  # type: ignore[name-defined, misc]  # whichever framework's
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = k.layers.Dense(2), k.layers.Dense(3), k.layers.Dense(1)

        def call(self, x: Any) -> Any:
            return {"p": self.a(x), "inner": [self.b(x), self.c(x)]}

    model = Heads()
    model(X)
    return model


def deep(k: ModuleType) -> Any:
    x, h = _hidden(k)
    inner = [[k.layers.Dense(3, name="b")(h)], {"k": k.layers.Dense(1, name="c")(h)}]
    return k.Model(x, [k.layers.Dense(2, name="a")(h), inner])


# -- cases ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One call of compile(), and the data to train with."""

    name: str
    model: Callable[[ModuleType], Any]
    y: Any
    compiled: Callable[[ModuleType], Mapping[str, Any]]
    sample_weight: Any = None
    class_weight: Mapping[int, float] | None = None

    def __str__(self) -> str:
        return self.name


def _fixed(**arguments: Any) -> Callable[[ModuleType], Mapping[str, Any]]:
    return lambda k: arguments


CASES = [
    Case("name", one, Y2, _fixed(loss="mse")),
    Case("long name", one, Y2, _fixed(loss="mean_squared_error", metrics=["mean_absolute_error"])),
    Case("class name", one, Y2, _fixed(loss="MeanSquaredError", metrics=["MeanAbsoluteError"])),
    Case("function", one, Y2, _fixed(loss=absolute, metrics=[absolute])),
    Case("nameless function", one, Y2, lambda k: {"loss": lambda t, p: abs(t - p), "metrics": [lambda t, p: t - p]}),
    Case("object", one, Y2, lambda k: {"loss": k.losses.MeanSquaredError(name="l"),
                                       "metrics": [k.metrics.MeanSquaredError(name="m")]}),
    Case("sum", one, Y2, lambda k: {"loss": k.losses.MeanSquaredError(reduction="sum")}),
    Case("class", one, Y2, lambda k: {"loss": k.losses.MeanSquaredError}),
    Case("weight", one, Y2, _fixed(loss="mse", loss_weights=[0.5])),
    Case("number as weight", one, Y2, _fixed(loss="mse", loss_weights=0.5)),
    Case("loss in a list", one, Y2, _fixed(loss=["mse"])),
    Case("loss by layer", one, Y2, _fixed(loss={"a": "mse"}, metrics={"a": ["mae"]}, loss_weights={"a": 3.0})),
    Case("metric twice", one, Y2, _fixed(loss="mse", metrics=["mae", "mae"])),
    Case("metric as loss", one, Y2, _fixed(loss="mse", metrics=["mse"])),
    Case("metric not in a list", one, Y2, _fixed(loss="mse", metrics={"a": "mae"})),
    Case("metrics in two lists", one, Y2, _fixed(loss="mse", metrics=[["mae", "mse"]])),
    Case("weighted metrics", one, Y2, _fixed(loss="mse", metrics=["mae"], weighted_metrics=["mae"]), P),
    Case("only weighted metrics", one, Y2, _fixed(loss="mse", weighted_metrics=["mae", "mse"]), P),
    Case("no weights for weighted metrics", one, Y2, _fixed(loss="mse", metrics=["mae"], weighted_metrics=["mse"])),
    Case("list of one", one_in_a_list, [Y2], _fixed(loss=["mse"], metrics=[["mae"]])),
    Case("list of one, plain target", one_in_a_list, Y2, _fixed(loss="mse", metrics=["mae"])),
    Case("dict of one", one_in_a_dict, {"out": Y2}, _fixed(loss={"out": "mse"}, metrics={"out": ["mae"]})),
    Case("dict of one, plain target", one_in_a_dict, Y2, _fixed(loss="mse", metrics=["mae"])),
    Case("dict of one, plain loss", one_in_a_dict, {"out": Y2}, _fixed(loss="mse", metrics=["mae"])),
    Case("accuracy, classes", classes, ONE_HOT, _fixed(loss="categorical_crossentropy", metrics=["accuracy"])),
    Case("accuracy, labels", classes, LABELS, _fixed(loss="sparse_categorical_crossentropy", metrics=["acc"])),
    Case("accuracy, column of labels", classes, LABELS[:, None],
         _fixed(loss="sparse_categorical_crossentropy", metrics=["accuracy"])),
    Case("accuracy, probability", probability, BINARY, _fixed(loss="binary_crossentropy", metrics=["accuracy"])),
    Case("class weights", classes, LABELS, _fixed(loss="sparse_categorical_crossentropy", metrics=["acc"],
         weighted_metrics=["acc"]), class_weight={0: 1.0, 1: 2.0, 2: 0.5}),
    Case("weights of samples", classes, LABELS, _fixed(loss="sparse_categorical_crossentropy", metrics=["acc"],
         weighted_metrics=["acc"]), P),
    Case("two, one loss", two, [Y2, Z3], _fixed(loss="mse", metrics=["mae", "mse"])),
    Case("two, list", two, [Y2, LABELS], _fixed(loss=["mse", "sparse_categorical_crossentropy"],
         metrics=[["mae"], ["acc"]], loss_weights=[2, 0.25])),
    Case("two, list with nothing", two, [Y2, LABELS], _fixed(loss=["mse", None], metrics=[None, ["acc"]])),
    Case("two, dict", two, {"a": Y2, "b": LABELS}, _fixed(loss={"a": "mse", "b": "sparse_categorical_crossentropy"},
         metrics={"b": "acc", "a": ["mae"]}, loss_weights={"a": 0.3, "b": 3})),
    Case("two, dict of losses, list of targets", two, [Y2, ONE_HOT],
         _fixed(loss={"a": "mse", "b": "categorical_crossentropy"}, metrics={"b": ["acc"]})),
    Case("two, weights for each", two, [Y2, Z3], _fixed(loss="mse", weighted_metrics=[["mae"], ["mae"]],
         metrics=[["mae"], []]), [P, Q]),
    Case("two, weights for all", two, [Y2, Z3], _fixed(loss="mse", weighted_metrics=[["mae"], ["mae"]]), P),
    Case("two, equal metrics", two, [Y2, Z3], lambda k: {"loss": "mse", "metrics": [
         [k.metrics.MeanAbsoluteError(name="m")], [k.metrics.MeanAbsoluteError(name="m")]]}),
    Case("by name", two_by_name, {"z": Y2, "c": LABELS},
         _fixed(loss={"z": "mse", "c": "sparse_categorical_crossentropy"}, metrics={"c": ["acc"], "z": ["mae"]})),
    Case("by name, one loss for all", two_by_name, {"z": Y2, "c": Z3}, _fixed(loss="mse")),
    Case("by name, one has a loss", two_by_name, {"z": Y2, "c": LABELS}, _fixed(loss={"z": "mse"})),
    Case("by name, weights", two_by_name, {"z": Y2, "c": Z3}, _fixed(loss={"c": "mse", "z": "mae"},
         loss_weights={"c": 0.5, "z": 2.0}, weighted_metrics={"z": ["mse"]}), {"z": P, "c": Q}),
    Case("nested, one loss", nested, [Y2, [Z3, W1]], _fixed(loss="mse")),
    Case("nested, losses", nested, [Y2, [Z3, W1]], _fixed(loss=["mse", ["mae", "mse"]], loss_weights=[1, [2, 0.5]])),
    Case("nested, metrics", nested, [Y2, [Z3, W1]],
         _fixed(loss=["mse", ["mae", "mse"]], metrics=[["mae"], [["mse"], ["mae"]]])),
    Case("nested by name, one loss", nested_by_name, {"p": Y2, "inner": {"q": W1, "r": Z3}}, _fixed(loss="mse")),
    Case("nested by name, losses", nested_by_name, {"p": Y2, "inner": {"q": W1, "r": Z3}},
         _fixed(loss={"p": "mse", "inner": {"q": "mae", "r": "mse"}})),
    Case("nested by name, metrics", nested_by_name, {"p": Y2, "inner": {"q": W1, "r": Z3}},
         _fixed(loss="mse", metrics={"p": ["mae"], "inner": {"q": ["mae"], "r": ["mse"]}})),
    Case("sequential", sequential, Y2, _fixed(loss="mse", metrics=["mae"])),
    Case("subclass", subclassed, {"first": Y2, "second": LABELS},
         _fixed(loss={"first": "mse", "second": "sparse_categorical_crossentropy"}, metrics={"second": ["acc"]})),
    Case("subclass, one loss for all", subclassed, {"first": Y2, "second": Z3}, _fixed(loss="mse")),
    Case("subclass, tuple", subclassed_list, (Y2, Z3), _fixed(loss=["mse", "mae"], metrics=[["mae"], ["mse"]])),
    Case("subclass, tuple, list of losses", subclassed_list, (Y2, LABELS),
         _fixed(loss=["mse", "sparse_categorical_crossentropy"], metrics=[None, "acc"])),
    Case("subclass, nested", subclassed_deeply, {"p": Y2, "inner": [Z3, W1]},
         lambda k: {"loss": {"p": "mse", "inner": ["mae", k.losses.MeanSquaredError(name="l")]},
                    "metrics": {"p": ["mae"], "inner": [["mse"], ["mae"]]},
                    "weighted_metrics": {"p": ["mae"], "inner": [[], ["mae"]]}}),
    Case("deep", deep, [Y2, [[Z3], {"k": W1}]], _fixed(loss="mse", metrics=[["mae"], [[["mse"]], {"k": ["mae"]}]])),
    Case("tuple of targets", two, (Y2, Z3), _fixed(loss=("mse", "mae"), metrics=(["mae"], ["mse"]))),
    Case("number as weight for all", two, [Y2, Z3], _fixed(loss="mse", loss_weights=0.5)),
    Case("weights of losses in another order", two_by_name, {"c": Z3, "z": Y2}, _fixed(loss={"z": "mae", "c": "mse"},
         loss_weights={"z": 0.2, "c": 3.0}, metrics={"z": ["mae", "mse"]})),
    Case("no metrics lists", one, Y2, _fixed(loss="mse", metrics=[], weighted_metrics=[])),
]  # fmt: skip


def logs(k: ModuleType, case: Case, weights: Any) -> dict[str, Any]:
    """Everything that is reported of one epoch of training and of an evaluation."""
    model = case.model(k)
    model.set_weights(weights)
    model.compile(optimizer=k.optimizers.SGD(0.05), run_eagerly=True, **case.compiled(k))
    data = {"batch_size": BATCH, "sample_weight": case.sample_weight, "verbose": 0}
    before = model.evaluate(X, case.y, return_dict=True, **data)
    values = model.evaluate(X, case.y, **data)
    history = model.fit(X, case.y, epochs=1, shuffle=False, class_weight=case.class_weight, **data).history

    on_batch = model.test_on_batch(X, case.y, sample_weight=case.sample_weight, return_dict=True)
    return {
        "evaluate": before,
        "values": np.atleast_1d(values).tolist(),
        "fit": {name: entries[-1] for name, entries in history.items()},
        "batch": {name: float(value) for name, value in on_batch.items()},
        "after": [float(abs(w).sum()) for w in model.get_weights()],
    }


def once(values: Any) -> list[float]:
    """Keras lists some values several times where metrics of one name meet."""
    return list(dict.fromkeys(np.round(values, 4).tolist()))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_logs_are_those_of_keras(case: Case) -> None:
    with warnings.catch_warnings(), backend_scope("numpy"):
        warnings.simplefilter("ignore")
        weights = [w * 0.7 for w in case.model(keras).get_weights()]
        expected = logs(keras, case, weights)
        actual = logs(dl, case, weights)
    np.testing.assert_allclose(once(actual.pop("values")), once(expected.pop("values")), rtol=1e-3, atol=2e-4)
    for part, reference in expected.items():
        if isinstance(reference, dict):
            assert list(actual[part]) == list(reference), part
        for a, r in zip(tree.flatten(actual[part]), tree.flatten(reference), strict=True):
            np.testing.assert_allclose(a, r, rtol=2e-5, atol=1e-6, err_msg=part)


REFUSED = [
    Case("unknown metric", one, Y2, _fixed(loss="mse", metrics=["crossentropy"])),
    Case("unknown loss", one, Y2, _fixed(loss="mso")),
    Case("one has no loss", two, [Y2, Z3], _fixed(loss={"a": "mse"})),
    Case("too many losses", two, [Y2, Z3], _fixed(loss=["mse"] * 3)),
    Case("loss of no output", two, [Y2, Z3], _fixed(loss={"a": "mse", "b": "mse", "d": "mse"})),
    Case("metric of no output", two, [Y2, Z3], _fixed(loss="mse", metrics={"d": ["mae"]})),
    Case("metrics of all", two_by_name, {"z": Y2, "c": Z3}, _fixed(loss="mse", metrics=["mae"])),
    Case("metrics no list", one, Y2, _fixed(loss="mse", metrics="mae")),
    Case("too few weights", two, [Y2, Z3], _fixed(loss=["mse", "mae"], loss_weights=[1.0])),
    Case("words as weights", one, Y2, _fixed(loss="mse", loss_weights=["1"])),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
@pytest.mark.parametrize("k", [keras, dl], ids=["keras", "dl"])
def test_what_does_not_fit_is_refused(case: Case, k: ModuleType) -> None:
    with backend_scope("numpy"), pytest.raises((ValueError, KeyError, TypeError)) as caught:
        logs(k, case, case.model(k).get_weights())
    assert k is keras or caught.type is ValueError


# what Keras gets wrong: the logs here, from what is reported without these arguments
@pytest.mark.parametrize(
    ("arguments", "names", "total"),
    [
        # Keras takes a single weight for all outputs, whichever its name
        ({"loss": "mse", "loss_weights": {"b": 0.1}}, ["a_loss", "b_loss", "loss"], (1.0, 0.1)),
        # Keras counts one loss and two weights, and refuses them
        ({"loss": "mse", "loss_weights": [2.0, 3.0]}, ["a_loss", "b_loss", "loss"], (2.0, 3.0)),
        # Keras looks for the weights at the numbers of the outputs
        ({"loss": "mse", "weighted_metrics": {"a": "mse"}}, ["a_loss", "a_mse", "b_loss", "loss"], (1.0, 1.0)),
    ],
)
def test_what_keras_mistakes(arguments: Mapping[str, Any], names: list[str], total: tuple[float, float]) -> None:
    with backend_scope("numpy"):
        model = two(dl)
        model.compile("sgd", **arguments)
        weights = {"a": P, "b": Q} if "weighted_metrics" in arguments else None
        results = model.evaluate(X, {"a": Y2, "b": Z3}, sample_weight=weights, verbose=0, return_dict=True)
    assert list(results) == names
    assert results["loss"] == pytest.approx(total[0] * results["a_loss"] + total[1] * results["b_loss"], rel=1e-5)


def test_losses_of_one_name_are_told_apart() -> None:
    # in Keras's logs the last one stands for all
    with backend_scope("numpy"):
        model = subclassed_list(dl)
        model.compile("sgd", "mse")
        results = model.evaluate(X, (Y2, Z3), verbose=0, return_dict=True)
    assert list(results) == ["loss", "mse_loss", "mse_loss_1"]
    assert results["loss"] == pytest.approx(results["mse_loss"] + results["mse_loss_1"], rel=1e-5)


def test_a_list_with_too_few_losses_is_refused() -> None:
    # Keras leaves the other outputs out without a word
    with backend_scope("numpy"):
        model = two(dl)
    model.compile("sgd", loss=["mse"])
    with pytest.raises(ValueError, match="loss is a list of 1, the model has 2 outputs"):
        model.evaluate(X, [Y2, Z3], verbose=0)
