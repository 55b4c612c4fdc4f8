"""Training steps written for one framework, as Keras's guides show them, do what the portable one does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import dl
from dl_ops.backend import Backend

pytestmark = pytest.mark.each_backend_alone

GENERATOR = np.random.default_rng(5)
X = GENERATOR.standard_normal((32, 5)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def measured(model: Any, loss: Any, y: Any, y_pred: Any) -> dict[str, Any]:
    """What a step returns."""
    for metric in model.metrics:
        metric.update_state(loss) if metric.name == "loss" else metric.update_state(y, y_pred)
    return {metric.name: metric.result() for metric in model.metrics}


def portable(model: Any, data: Any) -> dict[str, Any]:
    """The step that serves every backend."""
    x, y = data

    def loss_of_batch() -> Any:
        y_pred = model(x, training=True)
        return model.compute_loss(y=y, y_pred=y_pred), y_pred

    gradients = dl.ops.value_and_grad(loss_of_batch, model.trainable_variables, has_aux=True)
    (loss, y_pred), found = gradients()
    model.optimizer.apply(found, model.trainable_variables)
    return measured(model, loss, y, y_pred)


def torch_step(model: Any, data: Any) -> dict[str, Any]:
    """PyTorch's own: backward(), and gradients that parameters keep."""
    import torch

    x, y = data
    model.zero_grad()
    y_pred = model(x, training=True)
    loss = model.compute_loss(y=y, y_pred=y_pred)
    loss.backward()
    weights = list(model.trainable_weights)
    with torch.no_grad():
        model.optimizer.apply([weight.value.grad for weight in weights], weights)
    return measured(model, loss, y, y_pred)


def tensorflow_step(model: Any, data: Any) -> dict[str, Any]:
    """TensorFlow's own: a tape that watches the variables that are read."""
    import tensorflow as tf

    x, y = data
    with tf.GradientTape() as tape:
        y_pred = model(x, training=True)
        loss = model.compute_loss(y=y, y_pred=y_pred)
    variables = model.trainable_variables
    model.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
    return measured(model, loss, y, y_pred)


class StatelessStep(dl.Model):
    """JAX's own: a pure function of the values of all variables."""

    def loss_and_updates(self, trained: Any, others: Any, x: Any, y: Any) -> Any:
        y_pred, others = self.stateless_call(trained, others, x, training=True)
        return self.compute_loss(x, y, y_pred), (y_pred, others)

    def train_step(self, state: Any, data: Any) -> Any:  # type: ignore[override]  # of another form
        import jax

        trained, others, optimizer, metrics = state
        x, y = data
        gradients = jax.value_and_grad(self.loss_and_updates, has_aux=True)
        (loss, (y_pred, others)), found = gradients(trained, others, x, y)
        trained, optimizer = self.optimizer.stateless_apply(optimizer, found, trained)
        logs: dict[str, Any] = {}
        after: list[Any] = []
        for metric in self.metrics:
            values = metrics[len(after) : len(after) + len(metric.variables)]
            arguments = (loss,) if metric.name == "loss" else (y, y_pred)
            values = metric.stateless_update_state(values, *arguments)
            logs[metric.name] = metric.stateless_result(values)
            after += values
        return logs, (trained, others, optimizer, after)


OWN: dict[str, Callable[[Any, Any], Any]] = {"torch": torch_step, "tensorflow": tensorflow_step}


def class_for(step: Callable[[Any, Any], Any] | None) -> type:
    """Model with a training step."""
    return dl.Model if step is None else type("Own", (dl.Model,), {"train_step": step})


def trained(model_class: type, backend: Backend, **options: Any) -> tuple[Any, list[Any]]:
    """History and weights after two epochs."""
    with dl.backend_scope(backend.name):
        dl.utils.set_random_seed(3)
        inputs = dl.Input((5,))
        hidden = dl.layers.BatchNormalization()(dl.layers.Dense(4, activation="tanh")(inputs))
        model = model_class(inputs, dl.layers.Dense(1)(hidden))
        model.compile(dl.optimizers.Adam(0.05), "mse", metrics=["mae"], **options)
        history = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
        return history, model.get_weights()


@pytest.mark.parametrize("options", [{}, {"steps_per_execution": 3}, {"run_eagerly": True}], ids=str)
@pytest.mark.parametrize("written", ["portable", "own"])
def test_a_step_of_ones_own_trains_as_the_default_does(written: str, options: Any, trainable_backend: Backend) -> None:
    backend = trainable_backend
    if written == "portable":
        model_class = class_for(portable)
    elif backend.name == "jax":
        model_class = StatelessStep
    elif backend.name in OWN:
        model_class = class_for(OWN[backend.name])
    else:
        pytest.skip("NumPy has no gradients but ours")
    expected, weights = trained(class_for(None), backend)
    found, found_weights = trained(model_class, backend, **options)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-4)
    for here, there in zip(found_weights, weights, strict=True):
        np.testing.assert_allclose(here, there, rtol=1e-4, atol=1e-5)
