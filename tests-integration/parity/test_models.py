"""Models beside Keras: graphs composed at random, how they are called, cloned, changed and described."""

from __future__ import annotations

import json
import os
import random
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
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

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
Model = Any


@pytest.fixture(autouse=True)
def on_numpy() -> Iterator[None]:
    with backend_scope("numpy"):
        yield


def arrays(structure: Any) -> Any:
    return tree.map_structure(lambda x: np.asarray(keras.ops.convert_to_numpy(x)), structure)


def check_close(actual: Any, expected: Any) -> None:
    actual, expected = arrays(actual), arrays(expected)
    assert tree.map_structure(np.shape, actual) == tree.map_structure(np.shape, expected)
    tree.map_structure(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), actual, expected)


# -- graphs composed at random ---------------------------------------------------------------------------------------


def nest(draw: random.Random, items: list[Any]) -> Any:
    """Items in a structure: alone, a list, a dictionary, or both."""
    kind = draw.choice(["list", "dict", "mixed"])
    if len(items) == 1 and draw.random() < 0.5:
        return items[0]
    if kind == "list" or len(items) < 3:
        return list(items)
    if kind == "dict":
        return {f"key{i}": item for i, item in enumerate(items)}
    return {"first": items[0], "rest": [items[1], {"last": items[2:]}]}


def part(k: ModuleType, draw: random.Random, name: str) -> Any:
    """Layer or model from one tensor of four columns to another."""
    kind = draw.choice(["Dense", "Sequential", "Model"])
    if kind == "Dense":
        return k.layers.Dense(4, activation="tanh", name=name)
    inner = [k.layers.Dense(3, name=f"{name}_in"), k.layers.Dense(4, name=f"{name}_out")]
    if kind == "Sequential":
        return k.Sequential([k.Input((4,), name=f"{name}_x"), *inner], name=name)
    x = k.Input((4,), name=f"{name}_x")
    return k.Model(x, inner[1](inner[0](x)) + x, name=name)


def graph(k: ModuleType, seed: int) -> Model:
    draw = random.Random(seed)
    inputs = [k.Input((4,), name=f"in{i}") for i in range(draw.randint(1, 4))]
    tensors = list(inputs)
    shared = [part(k, draw, f"shared{i}") for i in range(2)]
    for i in range(draw.randint(3, 10)):
        x, y = draw.choice(tensors), draw.choice(tensors)
        step = draw.randrange(7)
        if step == 0:
            tensors.append(part(k, draw, f"part{i}")(x))
        elif step in (1, 2):
            tensors.append(draw.choice(shared)(x))
        elif step == 3:
            tensors.append(k.layers.Add(name=f"add{i}")([x, y]))
        elif step == 4:
            tensors.append(k.ops.maximum(x, 0.5) * y - 1.0)
        elif step == 5:
            tensors.append(k.ops.concatenate([x[:, :2], k.ops.flip(y[:, 2:], axis=1)], axis=-1))
        else:
            a, b = k.ops.split(k.layers.Concatenate(name=f"both{i}")([x, y]), 2, axis=-1)
            tensors += [a, b]
    outputs = draw.sample(tensors[len(inputs) :], draw.randint(1, min(4, len(tensors) - len(inputs))))
    return k.Model(nest(draw, inputs), nest(draw, outputs), name="graph")


def data_for(model: Model) -> Any:
    draw = np.random.default_rng(1)
    # its own structure, whose names are those of the inputs or not
    return tree.map_structure(lambda _: draw.standard_normal((3, 4)).astype("float32"), plain(model.input))


def plain(structure: Any) -> Any:
    return keras.tree.map_structure(lambda x: x.name, structure)


@pytest.mark.parametrize("seed", range(24))
def test_graphs_compute_the_same_and_travel_both_ways(seed: int) -> None:
    with warnings.catch_warnings():
        # Keras warns of keys that are no names of inputs
        warnings.simplefilter("ignore")
        theirs, ours = graph(keras, seed), graph(dl, seed)
        weights = [w + 0.1 for w in theirs.get_weights()]
        theirs.set_weights(weights)
        data = data_for(ours)
        expected = theirs(data)
        read_here = dl.utils.deserialize_keras_object(json.loads(theirs.to_json()))
        read_there = keras.models.model_from_json(ours.to_json())
        for model in (ours, read_here, read_there, dl.models.clone_model(ours)):
            model.set_weights(weights)
            check_close(model(data), expected)
        check_close(ours.predict(data, verbose=0), expected)
    assert (ours.input_shape, ours.output_shape) == (theirs.input_shape, theirs.output_shape)
    assert [w.path.rpartition("/")[2] for w in ours.weights] == [w.path.rpartition("/")[2] for w in theirs.weights]
    assert [layer.name for layer in ours.layers if "_" not in layer.name] == [
        layer.name for layer in theirs.layers if "_" not in layer.name
    ]


# -- ways to call, to change and to ask: the same results, and errors of the same kinds -------------------------------


def two(k: ModuleType) -> Model:
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    return k.Model([a, b], k.layers.Dense(2, name="d")(k.layers.Concatenate(name="c")([a, b])), name="two")


def named(k: ModuleType) -> Model:
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    return k.Model({"a": a, "b": b}, {"o": k.layers.Dense(2, name="d")(a + b)}, name="named")


def one(k: ModuleType) -> Model:
    a = k.Input((4,), name="a")
    return k.Model(a, k.layers.Dense(2, name="d")(a), name="one")


def chain(k: ModuleType) -> Model:
    return k.Sequential([k.Input((4,)), k.layers.Dense(2, name="d"), k.layers.Dense(1, name="e")], name="chain")


def optional(k: ModuleType) -> Model:
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b", optional=True)
    return k.Model([a, b], a * 2)


def inner(k: ModuleType) -> Model:
    return k.Sequential([k.Input((4,)), k.Sequential([k.layers.Dense(2, name="in")], name="inner")], name="outer")


def again(layer: Any) -> Any:
    return type(layer).from_config(layer.get_config())


def names_seen(k: ModuleType, model: Model, **options: Any) -> list[str]:
    seen: list[str] = []

    def clone(layer: Any) -> Any:
        seen.append(layer.name)
        return again(layer)

    k.models.clone_model(model, clone_function=clone, **options)
    return seen


def reused(k: ModuleType) -> Model:
    act = k.layers.ReLU(name="act")
    return k.Sequential([k.Input((4,)), k.layers.Dense(3, name="d"), act, k.layers.Dense(3, name="e"), act])


def compiled(k: ModuleType, model: Model) -> Model:
    model.compile(k.optimizers.Adam(0.25), "mse")
    return model


def grown(k: ModuleType) -> Model:
    model = chain(k)
    model.add(k.layers.Dense(3, name="f"))
    return model


def frozen(k: ModuleType) -> Model:
    model = chain(k)
    model.trainable = False
    return model


CASES: dict[str, Callable[[ModuleType], Any]] = {
    "a list": lambda k: two(k)([X, X]),
    "a tuple": lambda k: two(k)((X, X)),
    "names": lambda k: two(k)({"a": X, "b": X}),
    "names, one too many": lambda k: two(k)({"a": X, "b": X, "c": X}),
    "names, one missing": lambda k: two(k)({"a": X}),
    "too many": lambda k: two(k)([X, X, X]),
    "too few": lambda k: two(k)([X]),
    "not a list": lambda k: two(k)(X),
    "a dict": lambda k: named(k)({"b": X, "a": X}),
    "a list for a dict": lambda k: named(k)([X, X]),
    "a dict, one missing": lambda k: named(k)({"a": X}),
    "a list of one": lambda k: one(k)([X]),
    "a name": lambda k: one(k)({"a": X}),
    "another name": lambda k: one(k)({"z": X}),
    "another width": lambda k: one(k)(X[:, :3]),
    "another rank": lambda k: one(k)(X[None]),
    "integers": lambda k: one(k)(np.ones((2, 4), "int32")),
    "doubles": lambda k: one(k)(X.astype("float64")),
    "nothing for an optional input": lambda k: optional(k)([X, None]),
    "nothing for an input": lambda k: two(k)([X, None]),
    "predictions": lambda k: named(k).predict({"a": X, "b": X}, verbose=0),
    "no outputs": lambda k: k.Model(k.Input((4,)), []),
    "outputs that are no tensors": lambda k: k.Model(k.Input((4,)), X),
    "inputs that are no tensors": lambda k: k.Model(X, X),
    "outputs of elsewhere": lambda k: k.Model(k.Input((4,)), k.layers.Dense(1)(k.Input((4,)))),
    "inputs alone": lambda k: k.Model(inputs=k.Input((4,))),
    "one name twice": lambda k: (lambda x: k.Model(x, k.layers.Dense(1, name="d")(k.layers.Dense(1, name="d")(x))))(
        k.Input((4,))
    ),
    "one input name twice": lambda k: (lambda a, b: k.Model([a, b], a + b))(
        k.Input((4,), name="x"), k.Input((4,), name="x")
    ),
    "output names": lambda k: (two(k).output_names, named(k).output_names),
    "shapes": lambda k: (two(k).input_shape, named(k).input_shape, named(k).output_shape, one(k).output_shape),
    "shapes for shapes": lambda k: two(k).compute_output_shape([(3, 4), (3, 4)]),
    "shapes for named shapes": lambda k: named(k).compute_output_shape({"a": (3, 4), "b": (3, 4)}),
    "a layer by name": lambda k: two(k).get_layer("d").name,
    "a layer by number": lambda k: (two(k).get_layer(index=2).name, two(k).get_layer(index=-1).name),
    "no such layer": lambda k: two(k).get_layer("e"),
    "no such number": lambda k: two(k).get_layer(index=9),
    "neither name nor number": lambda k: two(k).get_layer(),
    "name and number": lambda k: two(k).get_layer("d", 1),
    "layers": lambda k: ([x.name for x in two(k).layers], [x.name for x in chain(k).layers]),
    "layers of models inside": lambda k: [x.name for x in inner(k).layers],
    "frozen": lambda k: (len(frozen(k).trainable_weights), [x.trainable for x in frozen(k).layers]),
    "grown": lambda k: (grown(k).output_shape, len(grown(k).layers)),
    "two inputs": lambda k: k.Sequential([k.Input((4,)), k.Input((4,))]),
    "no layer": lambda k: k.Sequential([3]),
    "equal names": lambda k: k.Sequential([k.layers.Dense(1, name="d"), k.layers.Dense(1, name="d")]),
    "no layers": lambda k: k.Sequential()(X),
    "not built: shape": lambda k: k.Sequential([k.layers.Dense(1)]).output_shape,
    "not built: weights": lambda k: len(k.Sequential([k.layers.Dense(1)]).weights),
    "not built: count": lambda k: k.Sequential([k.layers.Dense(1)]).count_params(),
    "not built: built without a shape": lambda k: k.Sequential([k.layers.Dense(1)]).build(),
    "built": lambda k: (lambda m: (m.build((None, 4)), m.built, len(m.weights))[1:])(k.Sequential([k.layers.Dense(1)])),
    "a model first": lambda k: k.Sequential([one(k), k.layers.Dense(3)]).output_shape,
    "a model of two inputs first": lambda k: k.Sequential([two(k), k.layers.Dense(3)])([X, X]),
    "one layer twice": lambda k: (reused(k)(X), [x.name for x in reused(k).layers]),
    "one layer twice, cloned": lambda k: [x.name for x in k.models.clone_model(reused(k)).layers],
    "a clone": lambda k: (lambda c: (c.name, [x.name for x in c.layers], c.output_shape))(k.models.clone_model(two(k))),
    "a clone that is not built": lambda k: k.models.clone_model(k.Sequential([k.layers.Dense(1)])).built,
    "a clone on other tensors": lambda k: [
        k.models.clone_model(m(k), input_tensors=k.Input((4,), batch_size=3)).output_shape for m in (one, chain)
    ],
    "a clone on too few tensors": lambda k: k.models.clone_model(two(k), input_tensors=[k.Input((4,))]),
    "a clone on numbers": lambda k: k.models.clone_model(one(k), input_tensors=X),
    "what a clone is made of": lambda k: (names_seen(k, two(k)), names_seen(k, chain(k)), names_seen(k, inner(k))),
    "what a clone is made of, within": lambda k: names_seen(k, inner(k), recursive=True),
    "a clone of the same layers": lambda k: (
        lambda m: k.models.clone_model(m, clone_function=lambda x: x).layers[-1] is m.layers[-1]
    )(two(k)),
    "a list of one output": lambda k: (lambda x: (lambda m: (m(X), m.predict(X, verbose=0), m.output))(
        k.Model([x], [x * 2])
    ))(k.Input((4,))),
    "a tuple of one output": lambda k: (lambda x: k.Model(x, (x * 2,))(X))(k.Input((4,))),
    "a list of a list": lambda k: (lambda x: k.Model(x, [[x * 2]])(X))(k.Input((4,))),
    "a dictionary of one output": lambda k: (lambda x: k.Model(x, {"y": x * 2})(X))(k.Input((4,))),
    "a clone called otherwise": lambda k: len(
        k.models.clone_model(one(k), call_function=lambda layer, *a, **o: k.ops.relu(layer(*a, **o))).operations
    ),
    "a chain called otherwise": lambda k: k.models.clone_model(chain(k), call_function=lambda layer, x: x),
    "a clone of a compiled model": lambda k: [
        float(k.models.clone_model(compiled(k, m(k))).optimizer.learning_rate) for m in (one, chain)
    ],
    "an unknown ending": lambda k: one(k).save("model.unknown"),
    "a summary before it is built": lambda k: k.Sequential([k.layers.Dense(1)]).summary(print_fn=lambda text: None),
    "a summary of no layer": lambda k: two(k).summary(layer_range=["a", "z"], print_fn=lambda text: None),
}  # fmt: skip


def described(value: Any) -> Any:
    """A result without what depends on random weights: shapes of arrays, classes of other objects."""
    if isinstance(value, dict):
        return {key: described(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(described, value))
    if hasattr(value, "shape"):
        return keras.backend.standardize_dtype(value.dtype), tuple(value.shape)
    return value if isinstance(value, (str, int, float, bool, type(None))) else type(value).__name__


def outcome(make: Callable[[ModuleType], Any], k: ModuleType) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return described(make(k))
        except (ValueError, TypeError, AttributeError) as error:
            return type(error).__name__


@pytest.mark.parametrize("name", CASES)
def test_the_same_happens(name: str) -> None:
    assert outcome(CASES[name], dl) == outcome(CASES[name], keras)


def test_what_differs_on_purpose() -> None:
    # Keras takes the first batch's size for the model's
    assert outcome(lambda k: (lambda m: (m(X), m.input_shape)[1])(k.Sequential([k.layers.Dense(1)])), dl) == (None, 4)
    # and lets one tensor be two inputs
    assert outcome(lambda k: (lambda x: k.Model([x, x], x))(k.Input((4,))), dl) == "ValueError"
    # and takes away the layer after which it fails
    assert outcome(lambda k: k.Sequential([k.layers.Dense(1)]).pop(), dl) == "Dense"


def test_a_saved_model_goes_on_as_it_was_compiled(tmp_path: Path) -> None:
    def trained(k: ModuleType) -> Any:
        model = two(k)
        model.set_weights([np.linspace(-1, 1, w.size).reshape(w.shape) for w in model.get_weights()])
        model.compile(
            k.optimizers.Adam(0.05), k.losses.MeanSquaredError(), loss_weights=[0.5], metrics=[["mae"]],
            weighted_metrics=["mse"],
        )  # fmt: skip
        model.fit([X, X], X[:, :2], epochs=2, verbose=0, shuffle=False)
        return model

    theirs = trained(keras)
    theirs.save(tmp_path / "theirs.keras")
    trained(dl).save(tmp_path / "ours.keras")
    models = [
        dl.models.load_model(tmp_path / "ours.keras"), dl.models.load_model(tmp_path / "theirs.keras"),
        keras.models.load_model(tmp_path / "ours.keras"), theirs,
    ]  # fmt: skip
    weight = np.arange(5.0)
    results = []
    for model in models:
        history = model.fit([X, X], X[:, :2], sample_weight=weight, verbose=0, shuffle=False).history
        results.append(
            {**{name: values[0] for name, values in history.items()}, "sum": abs(model.get_weights()[0]).sum()}
        )
    for result in results[:-1]:
        assert result == pytest.approx(results[-1], rel=1e-4)
