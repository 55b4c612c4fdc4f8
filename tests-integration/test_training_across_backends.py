"""One seed, one model, one training: the same numbers on every backend."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import dl
from dl.cli.quickstart import digits
from dl_ops.testing.pytest_backends import backends_under_test

REFERENCE = "numpy"  # always there, since dl depends on it
OTHERS = [name for name in backends_under_test() if name != REFERENCE]
TRAINED = [name for name in OTHERS if name != "openvino"]
TOLERANCE = 1e-4

STEPS, BATCH = 20, 32


class Training(NamedTuple):
    """What a training leaves."""

    losses: Any
    initial: list[Any]
    weights: list[Any]
    model: Any


@cache
def data() -> tuple[Any, Any]:
    (images, labels), _ = digits()
    return images[: STEPS * BATCH], labels[: STEPS * BATCH]


def network() -> Any:
    layers = dl.layers
    return dl.Sequential(
        [
            dl.Input((8, 8, 1)),
            layers.Conv2D(8, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(12, 3, activation="gelu"),
            layers.Flatten(),
            layers.Dense(24, activation="tanh", kernel_regularizer="l2"),
            layers.Dense(10, activation="softmax"),
        ]
    )


@cache
def trained(backend: str) -> Training:
    """Twenty steps, one batch each."""
    with dl.backend_scope(backend):
        dl.utils.set_random_seed(11)
        model = network()
        model.compile(dl.optimizers.Adam(0.005), "sparse_categorical_crossentropy")
        initial = model.get_weights()
        losses = []
        for x, y in zip(*(np.split(array, STEPS) for array in data()), strict=True):
            losses.append(float(model.train_on_batch(x, y)))
            model.reset_metrics()
    return Training(np.array(losses), initial, model.get_weights(), model)


def assert_close(actual: list[Any], expected: list[Any]) -> None:
    """Compare arrays, each to a fraction of its largest number."""
    assert [array.shape for array in actual] == [array.shape for array in expected]
    for here, there in zip(actual, expected, strict=True):
        np.testing.assert_allclose(here, there, rtol=0, atol=TOLERANCE * np.abs(there).max())


# -- initial weights ---------------------------------------------------------------------------------------------------

LAYERS: dict[str, tuple[Callable[[], Any], tuple[int | None, ...]]] = {
    "Dense": (lambda: dl.layers.Dense(5), (None, 7)),
    "Conv2D": (lambda: dl.layers.Conv2D(4, 3), (None, 8, 8, 3)),
    "LSTM": (lambda: dl.layers.LSTM(6), (None, 4, 3)),
    "Embedding": (lambda: dl.layers.Embedding(11, 3), (None, 4)),
    "MultiHeadAttention": (lambda: dl.layers.MultiHeadAttention(2, 3), (None, 4, 6)),
    "Dense, normally distributed": (lambda: dl.layers.Dense(5, kernel_initializer="he_normal"), (None, 7)),
    "Dense, orthogonal": (lambda: dl.layers.Dense(5, kernel_initializer="orthogonal"), (None, 7)),
}


def initial_weights(backend: str, name: str) -> list[Any]:
    """Weights of two layers built one after the other."""
    make, shape = LAYERS[name]
    with dl.backend_scope(backend):
        dl.utils.set_random_seed(123)
        layers = make(), make()
        for layer in layers:
            layer.build(*[shape] * (2 if name == "MultiHeadAttention" else 1))
        return [weight for layer in layers for weight in layer.get_weights()]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("backend_name", OTHERS)
def test_one_seed_gives_the_same_initial_weights_bit_for_bit(backend_name: str, name: str) -> None:
    here, there = initial_weights(backend_name, name), initial_weights(REFERENCE, name)
    assert [weight.shape for weight in here] == [weight.shape for weight in there]
    assert [weight.tobytes() for weight in here] == [weight.tobytes() for weight in there]
    assert here[0].dtype == np.float32
    assert here[0].tobytes() != here[len(here) // 2].tobytes()  # the second layer has weights of its own


# -- training ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend_name", TRAINED)
def test_twenty_steps_agree(backend_name: str) -> None:
    here, there = trained(backend_name), trained(REFERENCE)
    assert [weight.tobytes() for weight in here.initial] == [weight.tobytes() for weight in there.initial]
    np.testing.assert_allclose(here.losses, there.losses, rtol=TOLERANCE)
    assert_close(here.weights, there.weights)


def test_the_reference_learns() -> None:
    training = trained(REFERENCE)
    assert len(training.losses) == STEPS
    assert np.mean(training.losses[-5:]) < 0.75 * np.mean(training.losses[:5])


class Custom(dl.Model):
    """Classifier that trains with a step of its own: a penalty on what it computes, and a metric that it keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = dl.layers.Dense(16, activation="relu")
        self.head = dl.layers.Dense(10)
        self.error = dl.metrics.MeanSquaredError(name="error")

    def call(self, x: Any) -> Any:
        return self.head(self.hidden(x))

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data

        def loss_of_batch() -> Any:
            logits = self(x, training=True)
            difference = dl.ops.square(dl.ops.softmax(logits) - y)
            penalty = 0.001 * dl.ops.mean(dl.ops.square(logits))
            return dl.ops.mean(dl.ops.sum(difference, axis=-1)) + penalty, logits

        variables = self.trainable_variables
        (loss, logits), gradients = dl.ops.value_and_grad(loss_of_batch, variables, has_aux=True)()
        self.optimizer.apply(gradients, variables)
        self.error.update_state(y, dl.ops.softmax(logits))
        return {"own_loss": loss, "error": self.error.result()}


@cache
def trained_by_its_own_step(backend: str) -> tuple[dict[str, list[float]], list[Any]]:
    images, labels = data()
    with dl.backend_scope(backend):
        dl.utils.set_random_seed(6)
        model = Custom()
        model.compile(dl.optimizers.Adam(0.01))
        x, y = images.reshape(len(images), -1), np.eye(10, dtype="float32")[labels]
        history = model.fit(x, y, batch_size=128, epochs=4, shuffle=False, verbose=0).history
    return history, model.get_weights()


@pytest.mark.parametrize("backend_name", [REFERENCE, *TRAINED])
def test_a_custom_train_step_written_once_trains_everywhere(backend_name: str) -> None:
    history, weights = trained_by_its_own_step(backend_name)
    expected, expected_weights = trained_by_its_own_step(REFERENCE)
    assert history.keys() == {"own_loss", "error"}
    assert history["own_loss"][-1] < 0.8 * history["own_loss"][0]
    for name, values in history.items():
        np.testing.assert_allclose(values, expected[name], rtol=TOLERANCE)
    assert_close(weights, expected_weights)


# -- inference elsewhere -----------------------------------------------------------------------------------------------


@pytest.mark.skipif("openvino" not in backends_under_test(), reason="needs the OpenVINO backend")
@pytest.mark.parametrize("how", ["weights copied", "file loaded"])
@pytest.mark.parametrize("backend_name", [REFERENCE, *TRAINED])
def test_openvino_predicts_what_the_trained_model_predicts(backend_name: str, how: str, tmp_path: Path) -> None:
    images, _ = data()
    model = trained(backend_name).model
    if how == "file loaded":
        model.save(tmp_path / "model.keras")
    with dl.backend_scope("openvino"):
        if how == "file loaded":
            there = dl.models.load_model(tmp_path / "model.keras")
        else:
            there = network()
            there.set_weights(model.get_weights())
    expected = model.predict(images, verbose=0)
    assert expected.std() > 0.1
    np.testing.assert_allclose(there.predict(images, verbose=0), expected, atol=TOLERANCE)
    assert type(there(images[:2])).__module__.partition(".")[0] != type(model(images[:2])).__module__.partition(".")[0]
