"""Models that nobody holds any more are freed, with all that was compiled and remembered for them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import dl
from dl_ops.backend import Backend

X = np.random.default_rng(0).normal(size=(12, 6)).astype("float32")
Y = X[:, :1]

Build = Callable[[], Any]
Use = Callable[[Any], object]


def sequential() -> Any:
    layers = dl.layers
    return dl.Sequential(
        [dl.Input((6,)), layers.Reshape((3, 2)), layers.LSTM(3), layers.BatchNormalization(), layers.Dense(1)]
    )


def functional() -> Any:
    inputs = dl.Input((6,))
    hidden = dl.layers.Dropout(0.1)(dl.layers.Dense(3, kernel_regularizer="l2")(inputs))
    return dl.Model(inputs, dl.layers.Dense(1)(hidden))


class Subclass(dl.Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = dl.layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.dense(x)


def fit(model: Any) -> None:
    model.fit(X, Y, batch_size=4, verbose=0, validation_data=(X, Y))


def fit_several_steps_at_once(model: Any) -> None:
    model.compile("sgd", "mse", steps_per_execution=2)
    fit(model)


def fit_eagerly(model: Any) -> None:
    model.compile("sgd", "mse", run_eagerly=True)
    fit(model)


def single_batches(model: Any) -> None:
    model.train_on_batch(X, Y)
    model.test_on_batch(X, Y)
    model.predict_on_batch(X)


def predict(model: Any) -> None:
    model(X)
    model.predict(X, verbose=0)
    model.predict(X, batch_size=4, verbose=0)


def parts(model: Any) -> dict[str, Any]:
    """What must die with a model: of each kind of thing, one."""
    functions = (model.train_function, model.test_function, model.predict_function)
    return {
        "model": model,
        "layer": model.layers[-1],
        "optimizer": model.optimizer,
        "weight": model.weights[0],
        **{f"function {i}": function for i, function in enumerate(functions) if function is not None},
    }


def used(build: Build, use: Use) -> dict[str, weakref.ref[Any]]:
    model = build()
    model.compile("adam", "mse", metrics=["mae"])
    use(model)
    return {name: weakref.ref(part) for name, part in parts(model).items()}


@pytest.mark.parametrize(
    ("build", "use"),
    [
        (sequential, fit),
        (functional, fit_several_steps_at_once),
        (functional, fit_eagerly),
        (Subclass, single_batches),
        (Subclass, predict),
    ],
)
def test_a_model_dies_with_all_that_is_its_own(build: Build, use: Use, trainable_backend: Backend) -> None:
    with dl.backend_scope(trainable_backend.name):
        found = used(build, use)
        gc.collect()
        assert [name for name, part in found.items() if part() is not None] == []


def test_what_is_held_lives() -> None:
    held: list[Any] = []
    with dl.backend_scope("numpy"):
        found = used(functional, held.append)
    gc.collect()
    assert [name for name, part in found.items() if part() is None] == []
