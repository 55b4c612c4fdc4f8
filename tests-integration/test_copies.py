"""Copies and pickles of models compute, and go on training, as the models do that they were made of."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_layers import BatchNormalization, Dense, Dropout, Input
from dl_ops.backend import Backend
from dl_ops.random import set_random_seed
from dl_ops.variable import Variable
from dl_train.models import Model, Sequential
from dl_train.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, Optimizer, OptimizerMap

pytestmark = pytest.mark.each_backend_alone

X = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
Y = X @ np.array([[1.0], [-2.0], [0.5]], "float32")

WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
}
OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    "adam": lambda: Adam(0.01, use_ema=True, gradient_accumulation_steps=2),
    "loss scale": lambda: LossScaleOptimizer(SGD(0.01, momentum=0.9)),
    "several": lambda: MultiOptimizer(OptimizerMap(SGD(0.01, momentum=0.9), {"bias": Adam(0.01)})),
}


def make() -> Any:
    """Model with state of all kinds."""
    x = Input((3,))
    return Model(x, Dense(1)(Dropout(0.2)(BatchNormalization()(Dense(4, "tanh")(x)))))


@pytest.mark.parametrize("way", WAYS)
def test_a_model_that_nobody_has_used_yet(backend: Backend, way: str) -> None:
    model = make()
    again = WAYS[way](model)
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    assert not {id(weight) for weight in again.weights} & {id(weight) for weight in model.weights}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on(trainable_backend: Backend, name: str, way: str) -> None:
    set_random_seed(3)
    model = make()
    model.compile(OPTIMIZERS[name](), "mse", metrics=["mae"])
    model.fit(X, Y, batch_size=8, verbose=0)
    model.train_on_batch(X[:8], Y[:8])
    again = WAYS[way](model)
    before = [weight.numpy() for weight in model.weights]
    losses = again.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    # training the one leaves the other as it was
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)
    assert model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0).history == losses
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int32", "bool"])
@pytest.mark.parametrize("way", WAYS)
def test_a_variable(backend: Backend, way: str, dtype: str) -> None:
    variable = Variable(np.array([1, 0, 1]), dtype=dtype, trainable=False, name="v")
    again = WAYS[way](variable)
    again.assign([0, 0, 0])
    assert (again.backend, again.dtype, again.path, again.trainable) == (backend, dtype, variable.path, False)
    assert variable.numpy().astype(int).tolist() == [1, 0, 1]
    assert again.numpy().astype(int).tolist() == [0, 0, 0]


@pytest.mark.parametrize("way", WAYS)
def test_what_a_model_shares_its_copy_shares(backend: Backend, way: str) -> None:
    shared = Dense(3)
    again = WAYS[way](Sequential([Input((3,)), shared, Dense(3), shared]))
    assert again.layers[0] is again.layers[2]
    assert len(again.weights) == 4
