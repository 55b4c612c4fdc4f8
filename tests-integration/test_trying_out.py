"""Checks and searches before a training, on every backend: they leave no trace."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_layers import BatchNormalization, Dense, Dropout, Input
from dl_ops.backend import Backend
from dl_ops.interchange import convert_to_numpy
from dl_ops.random import global_seed_generator, set_random_seed
from dl_train import Sequential
from dl_train.callbacks import Callback
from dl_train.checks import check_training, fast_dev_run, overfit_one_batch
from dl_train.optimizers import Adam
from dl_train.optimizers.schedules import ExponentialDecay
from dl_train.search import find_batch_size, find_learning_rate

pytestmark = pytest.mark.each_backend_alone

_RNG = np.random.default_rng(5)
X = _RNG.standard_normal((24, 3)).astype("float32")
Y = (X.sum(1) > 0).astype("int32")


class Counter(Callback):
    """A callback with a state."""

    def __init__(self) -> None:
        super().__init__()
        self.batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1


TRIALS: dict[str, Callable[[Any], Any]] = {
    "fast_dev_run": lambda model: fast_dev_run(model, X, Y, batch_size=24, callbacks=[Counter()]),
    "overfit_one_batch": lambda model: overfit_one_batch(model, X, Y, steps=3, batch_size=24),
    "check_training": lambda model: check_training(model, X, Y, batch_size=24),
    "find_learning_rate": lambda model: find_learning_rate(model, X, Y, steps=8, batch_size=24),
    "find_batch_size": lambda model: find_batch_size(model, X, Y, smallest=24, largest=24, steps=1),
}


def network() -> Any:
    model = Sequential(
        [Input((3,)), Dense(8, activation="relu"), BatchNormalization(), Dropout(0.5), Dense(2, activation="softmax")]
    )
    model.compile(Adam(ExponentialDecay(0.01, 3, 0.9)), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def state(model: Any) -> list[Any]:
    """Everything that a training hangs on, by value."""
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables, global_seed_generator().state]
    return [*map(convert_to_numpy, variables), np.random.get_state()[1], random.getstate()[1]]


def train(model: Any) -> list[float]:
    return list(model.fit(X, Y, batch_size=24, epochs=2, verbose=0).history["loss"])


def test_nothing_is_left_of_a_trial(trainable_backend: Backend, request: pytest.FixtureRequest) -> None:
    # where all is compiled, those that do most stand for the others
    sampled = trainable_backend.name == "jax" and not request.config.getoption("--exhaustive")
    trials = ["check_training", "find_learning_rate"] if sampled else list(TRIALS)
    set_random_seed(11)
    undisturbed = network()
    train(undisturbed)
    expected = train(undisturbed)
    set_random_seed(11)
    model = network()
    train(model)
    before = [np.array(value) for value in state(model)]
    for name in trials:
        TRIALS[name](model)
        for value, earlier in zip(state(model), before, strict=True):
            np.testing.assert_array_equal(value, earlier, err_msg=name)
        assert not model.stop_training
        assert len(model.history.epoch) == 2
    # and steps compiled before, for a schedule too, are not those of the trials
    assert train(model) == expected


def test_what_fails_leaves_no_trace_either(trainable_backend: Backend) -> None:
    model = network()
    train(model)
    before = [np.array(value) for value in state(model)]

    class Fails(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise RuntimeError("here")

    counter = Counter()
    with pytest.raises(RuntimeError, match="here"):
        fast_dev_run(model, X, Y, callbacks=[counter, Fails()])
    assert counter.batches == 0
    for value, earlier in zip(state(model), before, strict=True):
        np.testing.assert_array_equal(value, earlier)


def test_the_rate_that_is_found_trains(trainable_backend: Backend) -> None:
    set_random_seed(3)
    model = Sequential([Input((3,)), Dense(1)])
    model.compile("sgd", "mse")
    target = X @ np.array([[1.0], [2.0], [-1.0]], "float32")
    found = find_learning_rate(model, X, target, batch_size=8, steps=60)
    # gradient descent on this quadratic diverges beyond 2 / (largest eigenvalue of its Hessian)
    limit = 2 / np.linalg.eigvalsh(2 * X.T @ X / len(X)).max()
    assert found.suggestion is not None
    assert 0.01 * limit < found.suggestion < 2 * limit
    assert len(found.rates) < 60  # it ended when the loss diverged
    model.optimizer.learning_rate = found.suggestion / 4
    losses = model.fit(X, target, batch_size=8, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.1 * losses[0]
