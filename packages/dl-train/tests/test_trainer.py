"""Training against the same computation by hand; logs, errors and steps of the user's own, on every backend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_layers.layer import Layer
from dl_ops import config, ops
from dl_ops.backend import Backend, backend_scope, get_backend
from dl_train.callbacks import Callback, LambdaCallback
from dl_train.data import unpack_x_y_sample_weight
from dl_train.losses import SparseCategoricalCrossentropy
from dl_train.metrics import Mean, MeanAbsoluteError
from dl_train.models import Model, Sequential
from dl_train.optimizers import SGD, Adam

RNG = np.random.default_rng(0)
X = RNG.standard_normal((24, 3)).astype("float32")
Y = (X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3).astype("float32")
CLASSES = RNG.integers(0, 4, 24)
WEIGHTS = RNG.uniform(0.2, 2.0, 24).astype("float32")


def linear(units: int = 1, **compile_options: Any) -> Sequential:
    model = Sequential([Input((3,)), Dense(units, kernel_initializer="ones")])
    model.compile(**{"optimizer": SGD(0.1), "loss": "mse", **compile_options})
    return model


def by_hand(batch_size: int, epochs: int, weights: np.ndarray | None = None) -> tuple[list[float], list[np.ndarray]]:
    """Mean losses of the epochs, and the final weights, of gradient descent on the squared error in float64."""
    kernel, bias = np.ones((3, 1)), np.zeros(1)
    history = []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(X), batch_size):
            x, y = X[start : start + batch_size].astype("float64"), Y[start : start + batch_size].astype("float64")
            w = np.ones(len(x)) if weights is None else weights[start : start + batch_size]
            error = x @ kernel + bias - y
            total += float(np.mean(w * error[:, 0] ** 2)) * len(x)
            scaled = 2 * w[:, None] * error / len(x)
            kernel, bias = kernel - 0.1 * x.T @ scaled, bias - 0.1 * scaled.sum(0)
        history.append(total / len(X))
    return history, [kernel, bias]


@pytest.mark.parametrize("batch_size", [8, 10, 24])
@pytest.mark.parametrize(
    "options", [{}, {"run_eagerly": True}, {"steps_per_execution": 2}, {"steps_per_execution": "auto"}], ids=str
)
def test_fit_is_gradient_descent(batch_size: int, options: dict[str, Any], trainable_backend: Backend) -> None:
    model = linear(**options)
    history = model.fit(X, Y, batch_size=batch_size, epochs=3, shuffle=False, verbose=0)
    losses, weights = by_hand(batch_size, 3)
    np.testing.assert_allclose(history.history["loss"], losses, rtol=1e-4)
    for actual, expected in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)
    assert int(model.optimizer.iterations) == 3 * -(-len(X) // batch_size)


def test_sample_and_class_weights_weigh_losses(trainable_backend: Backend) -> None:
    losses, weights = by_hand(8, 2, WEIGHTS)
    model = linear()
    history = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0, sample_weight=WEIGHTS)
    np.testing.assert_allclose(history.history["loss"], losses, rtol=1e-4)
    np.testing.assert_allclose(model.get_weights()[0], weights[0], rtol=1e-4)
    by_class, by_sample = (linear(4, loss=SparseCategoricalCrossentropy(from_logits=True)) for _ in range(2))
    class_weight = {0: 0.5, 2: 3.0}
    of_samples = np.array([class_weight.get(int(c), 1.0) for c in CLASSES], "float32")
    by_class.fit(X, CLASSES, class_weight=class_weight, shuffle=False, verbose=0)
    by_sample.fit(X, CLASSES, sample_weight=of_samples, shuffle=False, verbose=0)
    np.testing.assert_allclose(by_class.get_weights()[0], by_sample.get_weights()[0], rtol=1e-5)


@pytest.mark.parametrize("steps", [1, 2, "auto"])
def test_evaluate_and_predict(steps: Any, trainable_backend: Backend) -> None:
    model = linear(metrics=["mae"], weighted_metrics=[MeanAbsoluteError(name="mae")], steps_per_execution=steps)
    expected = X @ np.ones((3, 1))
    error = np.abs(expected - Y)[:, 0].astype("float64")
    np.testing.assert_allclose(model.predict(X, batch_size=10, verbose=0), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(X), expected, rtol=1e-5, atol=1e-6)
    results = model.evaluate(X, Y, batch_size=10, verbose=0, return_dict=True, sample_weight=WEIGHTS)
    np.testing.assert_allclose(results["loss"], np.mean(WEIGHTS * error**2), rtol=1e-4)
    np.testing.assert_allclose(results["mae"], np.mean(error), rtol=1e-4)
    np.testing.assert_allclose(results["weighted_mae"], np.average(error, weights=WEIGHTS), rtol=1e-4)
    listed = model.evaluate(X, Y, batch_size=10, verbose=0, sample_weight=WEIGHTS)
    np.testing.assert_allclose(listed, [results["loss"], results["mae"], results["weighted_mae"]])


def test_hooks_stop_a_loop_after_several_steps_and_not_the_next_loop(trainable_backend: Backend) -> None:
    model = linear(steps_per_execution=2)
    seen: list[int] = []

    class Stops(Callback):
        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(batch)
            self.model.stop_evaluating = True

        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(batch)
            np.testing.assert_allclose(logs["outputs"], X[:12] @ np.ones((3, 1)), rtol=1e-5, atol=1e-6)
            self.model.stop_predicting = True

    loss = model.evaluate(X, Y, batch_size=6, verbose=0, callbacks=[Stops()])
    np.testing.assert_allclose(loss, np.mean((X[:12] @ np.ones((3, 1)) - Y[:12]) ** 2), rtol=1e-4)
    assert len(model.predict(X, batch_size=6, verbose=0, callbacks=[Stops()])) == 12
    assert seen == [1, 1]
    assert len(model.predict(X, batch_size=6, verbose=0)) == len(X)
    loss = model.evaluate(X, Y, batch_size=6, verbose=0)
    np.testing.assert_allclose(loss, np.mean((X @ np.ones((3, 1)) - Y) ** 2), rtol=1e-4)


def test_accuracy_means_what_fits(trainable_backend: Backend) -> None:
    model = linear(4, loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy", "acc"])
    kernel = RNG.standard_normal((3, 4)).astype("float32")
    model.set_weights([kernel, np.zeros(4)])
    results = model.evaluate(X, CLASSES, verbose=0, return_dict=True)
    expected = np.mean(np.argmax(X @ kernel, -1) == CLASSES)
    assert results["accuracy"] == results["acc"] == pytest.approx(expected)


def test_validation_has_its_own_logs(trainable_backend: Backend) -> None:
    model = linear(metrics=["mae"])
    history = model.fit(X, Y, epochs=4, validation_split=0.25, validation_freq=2, verbose=0).history
    assert set(history) == {"loss", "mae", "val_loss", "val_mae"}
    assert len(history["loss"]) == 4
    assert len(history["val_loss"]) == 2
    assert history["val_loss"][-1] == pytest.approx(model.evaluate(X[18:], Y[18:], verbose=0)[0], rel=1e-5)


def test_several_outputs(trainable_backend: Backend) -> None:
    def make(as_dict: bool) -> Model:
        x = Input((3,))
        a = Dense(1, kernel_initializer="ones", name="a")(x)
        b = Dense(2, kernel_initializer="ones", name="b")(x)
        return Model(x, {"a": a, "b": b} if as_dict else [a, b])

    error = (X.sum(1, keepdims=True) - Y).astype("float64")
    two = np.concatenate([Y, Y], -1)
    expected = {"a_loss": np.mean(error**2), "b_loss": np.mean(np.abs(error)), "a_mae": np.mean(np.abs(error))}
    for model, y, structure in (
        (make(True), {"a": Y, "b": two}, {"a": "mse", "b": "mae"}),
        (make(False), [Y, two], ["mse", "mae"]),
        (make(False), {"b": two, "a": Y}, {"b": "mae", "a": "mse"}),
    ):
        model.compile(SGD(0.1), loss=structure, loss_weights={"a": 0.5, "b": 2.0}, metrics={"a": ["mae"]})
        results = model.evaluate(X, y, verbose=0, return_dict=True)
        assert results.keys() == {"loss", *expected}
        for name, value in expected.items():
            assert results[name] == pytest.approx(value, rel=1e-4)
        assert results["loss"] == pytest.approx(0.5 * expected["a_loss"] + 2 * expected["b_loss"], rel=1e-4)
        model.fit(X, y, verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": {"a": "mse"}}, r"loss has keys \['a'\], the model has outputs \['a', 'b'\]"),
        ({"loss": {"a": "mse", "b": "mse", "c": "mse"}}, r"outputs \['a', 'b'\]"),
        ({"loss": ["mse"]}, "loss"),
        ({"loss": "mse", "metrics": ["mae"]}, r"metrics"),
    ],
)
def test_losses_and_metrics_must_match_outputs(options: dict[str, Any], message: str) -> None:
    x = Input((3,))
    model = Model(x, [Dense(1, name="a")(x), Dense(1, name="b")(x)])
    model.compile("sgd", **options)
    with pytest.raises(ValueError, match=message):
        model.fit(X, [Y, Y], verbose=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": X, "y": Y[:5]}, "x has 24, y has 5"),
        ({"x": X[:0], "y": Y[:0]}, "no samples"),
        ({"x": X, "y": Y, "class_weight": {0: float("nan")}}, "nan"),
        ({"x": X, "y": Y, "validation_split": 1.5}, "validation_split=1.5"),
        ({"x": X, "y": Y, "verbose": 3}, "verbose=3"),
        ({"x": X, "y": Y, "steps_per_epoch": 0}, "positive integer"),
        ({"x": iter([])}, "not a single batch"),
        ({"x": X}, "no targets"),
        ({"x": X, "y": Y, "validation_data": (X,) * 4}, "got 4 parts"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        linear().fit(**{"verbose": 0, **arguments})


def test_model_must_be_compiled_first() -> None:
    model = Sequential([Input((3,)), Dense(1)])
    for method in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises(ValueError, match="compile the model first"):
            method(X, Y)
    model.compile("sgd")
    with pytest.raises(ValueError, match="has no loss"):
        model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("y", [np.zeros((24, 3, 2)), np.zeros((24, 2)), np.eye(4)[CLASSES][:, :3]])
def test_targets_of_a_wrong_shape_are_refused(y: Any) -> None:
    model = linear(4, loss="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="shape"):
        model.fit(X, y, verbose=0)


@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": "sdg"},
        {"loss": "msee"},
        {"steps_per_execution": 0},
        {"steps_per_execution": "many"},
        {"jit_compile": "yes"},
        {"metrics": "mae"},
    ],
)
def test_compile_refuses_what_it_does_not_know(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="|".join(map(str, options.values()))):
        linear(**options)


def test_subclass_is_built_by_its_first_batch(trainable_backend: Backend) -> None:
    class Net(Model):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.end = Dense(5, activation="relu"), Dense(1)

        def call(self, x: Any) -> Any:
            return self.end(self.hidden(x))

    model = Net()
    model.compile(Adam(0.05), "mse")
    losses = model.fit(X, Y, epochs=15, batch_size=8, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    assert len(model.weights) == 4
    assert len(model.optimizer.variables) == 10


def test_layers_losses_and_penalties_count(trainable_backend: Backend) -> None:
    class Spread(Layer):
        def call(self, x: Any) -> Any:
            self.add_loss(0.5 * ops.mean(ops.square(x)))
            return x

    model = Sequential([Input((3,)), Spread(), Dense(1, kernel_initializer="ones", kernel_regularizer="l2")])
    model.compile(SGD(0.0), "mse")
    error = X.sum(1, keepdims=True) - Y
    expected = np.mean(error**2) + 0.5 * np.mean(X**2) + 0.01 * 3
    assert model.evaluate(X, Y, batch_size=24, verbose=0) == pytest.approx(expected, rel=1e-4)
    assert model.fit(X, Y, batch_size=24, verbose=0).history["loss"][0] == pytest.approx(expected, rel=1e-4)


def test_training_flag_reaches_layers_of_models_whose_call_takes_none(trainable_backend: Backend) -> None:
    class Flag(Layer):
        def call(self, x: Any, training: bool = False) -> Any:
            return x * (10.0 if training else 1.0)

    class Net(Model):
        def __init__(self) -> None:
            super().__init__()
            self.flag, self.end = Flag(), Dense(1, kernel_initializer="ones")

        def call(self, x: Any) -> Any:
            return self.end(self.flag(x))

    model = Net()
    model.compile(SGD(0.0), "mse")
    trained = model.fit(X, Y, batch_size=24, verbose=0).history["loss"][0]
    assert trained == pytest.approx(np.mean((10 * X.sum(1, keepdims=True) - Y) ** 2), rel=1e-4)
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(np.mean((X.sum(1, keepdims=True) - Y) ** 2), rel=1e-4)


def test_own_train_step_works_on_every_backend(trainable_backend: Backend) -> None:
    class Custom(Sequential):
        def train_step(self, data: Any) -> Any:
            x, y, _ = unpack_x_y_sample_weight(data)

            def loss_of_batch() -> Any:
                return ops.mean(ops.square(self(x, training=True) - y))

            loss, gradients = ops.value_and_grad(loss_of_batch, self.trainable_variables)()
            self.optimizer.apply(gradients, self.trainable_variables)
            return {"squared": loss, "doubled": 2 * loss}

    model = Custom([Input((3,)), Dense(1, kernel_initializer="ones")])
    model.compile(SGD(0.1))
    history = model.fit(X, Y, batch_size=24, epochs=2, shuffle=False, verbose=0).history
    losses, weights = by_hand(24, 2)
    np.testing.assert_allclose(history["squared"], losses, rtol=1e-4)
    np.testing.assert_allclose(history["doubled"], 2 * np.array(losses), rtol=1e-4)
    np.testing.assert_allclose(model.get_weights()[0], weights[0], rtol=1e-4)


def test_own_metrics_of_a_step_are_reset_each_epoch(trainable_backend: Backend) -> None:
    class Custom(Sequential):
        tracker: Mean

        def train_step(self, data: Any) -> Any:
            logs = super().train_step(data)
            x, _, _ = unpack_x_y_sample_weight(data)
            self.tracker.update_state(ops.sum(x))
            return {**logs, "seen": self.tracker.result()}

        @property
        def metrics(self) -> list[Any]:
            return [*super().metrics, self.tracker]

    model = Custom([Input((3,)), Dense(1)])
    model.tracker = Mean(name="seen")
    model.compile(SGD(0.0), "mse")
    history = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    expected = np.mean([X[i : i + 8].sum() for i in (0, 8, 16)])
    np.testing.assert_allclose(history["seen"], [expected, expected], rtol=1e-3, atol=1e-4)


def test_own_compute_loss_and_metrics(trainable_backend: Backend) -> None:
    class Custom(Sequential):
        def compute_loss(
            self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
        ) -> Any:
            return 3.0 * ops.mean(ops.square(y_pred - y))

        def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            return {"largest": ops.max(y)}

    model = Custom([Input((3,)), Dense(1, kernel_initializer="ones")])
    model.compile(SGD(0.0), loss="mae")
    results = model.evaluate(X, Y, batch_size=24, verbose=0, return_dict=True)
    assert results == {"largest": pytest.approx(Y.max(), rel=1e-5)}
    assert model.train_on_batch(X, Y, return_dict=True) == {"largest": pytest.approx(Y.max(), rel=1e-5)}


def available(name: str) -> Any:
    try:
        return get_backend(name)
    except Exception:
        pytest.skip(f"needs the {name} backend")


def test_keras_stateless_train_step_on_jax() -> None:
    backend = available("jax")
    import jax

    class Custom(Sequential):
        def train_step(self, state: Any, data: Any) -> Any:  # type: ignore[override]  # Keras's signature on JAX
            trainable, non_trainable, optimizer_variables, metrics_variables = state
            x, y = data

            def loss_and_state(trainable: Any) -> Any:
                y_pred, new = self.stateless_call(trainable, non_trainable, x, training=True)
                return self.compute_loss(x, y, y_pred), (y_pred, new)

            (loss, (_, non_trainable)), gradients = jax.value_and_grad(loss_and_state, has_aux=True)(trainable)
            trainable, optimizer_variables = self.optimizer.stateless_apply(optimizer_variables, gradients, trainable)
            metric = self.metrics[0]
            metrics_variables = metric.stateless_update_state(metrics_variables, loss)
            logs = {"loss": metric.stateless_result(metrics_variables)}
            return logs, (trainable, non_trainable, optimizer_variables, metrics_variables)

    with backend_scope(backend):
        model = Custom([Input((3,)), Dense(1, kernel_initializer="ones")])
        model.compile(SGD(0.1), "mse")
        history = model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0).history
    losses, weights = by_hand(8, 3)
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-4)
    np.testing.assert_allclose(model.get_weights()[0], weights[0], rtol=1e-4)


def test_keras_train_step_with_backward_on_torch() -> None:
    backend = available("torch")
    import torch

    class Custom(Sequential):
        def train_step(self, data: Any) -> Any:
            x, y = data
            self.zero_grad()
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
            loss.backward()
            with torch.no_grad():
                self.optimizer.apply([v.value.grad for v in self.trainable_weights], self.trainable_weights)
            return {"loss": loss}

    with backend_scope(backend):
        model = Custom([Input((3,)), Dense(1, kernel_initializer="ones")])
        model.compile(SGD(0.1), "mse")
        model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], by_hand(8, 2)[1][0], rtol=1e-4)


def test_frozen_weights_stay(trainable_backend: Backend) -> None:
    model = Sequential([Input((3,)), Dense(4, name="frozen"), Dense(1)])
    model.get_layer("frozen").trainable = False
    model.compile(SGD(0.1), "mse")
    before = [w.copy() for w in model.get_weights()]
    model.fit(X, Y, epochs=2, verbose=0)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])
    assert np.abs(before[2] - after[2]).max() > 0
    # the compiled step is made anew when what is trained changes
    model.get_layer("frozen").trainable = True
    model.compile(SGD(0.1), "mse")
    model.fit(X, Y, verbose=0)
    assert np.abs(before[0] - model.get_weights()[0]).max() > 0


def test_learning_rate_can_be_set_between_and_during_epochs(trainable_backend: Backend) -> None:
    class Freeze(Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if batch == 1:
                self.model.optimizer.learning_rate = 0.0

    model = linear()
    model.fit(X, Y, batch_size=8, shuffle=False, verbose=0, callbacks=[Freeze()])
    after_one = linear()
    after_one.fit(X[:8], Y[:8], batch_size=8, shuffle=False, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], after_one.get_weights()[0], rtol=1e-5)


def test_single_batches(trainable_backend: Backend) -> None:
    model = linear(metrics=["mae"])
    losses, weights = by_hand(24, 1)
    logs = model.train_on_batch(X, Y, return_dict=True)
    assert logs["loss"] == pytest.approx(losses[0], rel=1e-4)
    np.testing.assert_allclose(model.get_weights()[0], weights[0], rtol=1e-4)
    model.reset_metrics()
    loss, mae = model.test_on_batch(X, Y)
    error = X @ weights[0] + weights[1] - Y
    assert loss == pytest.approx(np.mean(error**2), rel=1e-3)
    assert mae == pytest.approx(np.mean(np.abs(error)), rel=1e-3)


def test_generators_and_steps(trainable_backend: Backend) -> None:
    def generate() -> Any:
        while True:
            for i in (0, 8, 16):
                yield X[i : i + 8], Y[i : i + 8]

    model = linear()
    history = model.fit(
        generate(), steps_per_epoch=3, epochs=2, verbose=0, validation_data=generate(), validation_steps=3
    )
    np.testing.assert_allclose(history.history["loss"], by_hand(8, 2)[0], rtol=1e-4)
    assert history.history["val_loss"][-1] < history.history["val_loss"][0]


def test_what_makes_the_batches_may_look_at_the_model(trainable_backend: Backend) -> None:
    model = linear()
    seen = []

    def generate() -> Any:
        for i in (0, 8, 16):
            seen.append(model.get_weights()[0])
            yield X[i : i + 8], Y[i : i + 8]

    model.fit(generate(), verbose=0)
    assert not np.allclose(seen[0], seen[1])
    assert not np.allclose(seen[1], seen[2])


def test_models_of_several_backends_train_side_by_side() -> None:
    results = {}
    for name in ("numpy", "jax", "torch"):
        try:
            backend = get_backend(name)
        except Exception:  # not installed here
            continue
        with backend_scope(backend):
            results[name] = linear()
    for model in results.values():
        model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    for model in results.values():
        np.testing.assert_allclose(model.get_weights()[0], by_hand(8, 2)[1][0], rtol=1e-4)


def test_predict_gives_structures(backend: Backend) -> None:
    x = Input((3,))
    model = Model(x, {"a": Dense(2)(x), "b": [x * 2.0]})
    outputs = model.predict(X, batch_size=7, verbose=0)
    assert outputs["a"].shape == (24, 2)
    np.testing.assert_allclose(outputs["b"][0], 2 * X, rtol=1e-6)


@pytest.fixture
def limits() -> Iterator[None]:
    config.set_max_epochs(2)
    config.set_max_steps_per_epoch(3)
    yield
    config.set_max_epochs(None)
    config.set_max_steps_per_epoch(None)


@pytest.mark.usefixtures("limits")
def test_every_training_keeps_to_the_limits_of_the_process(trainable_backend: Backend) -> None:
    model = linear()
    steps = LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    seen: list[int] = []
    history = model.fit(X, Y, batch_size=4, epochs=5, callbacks=[steps], verbose=0)
    assert len(history.history["loss"]) == 2
    assert seen == [0, 1, 2] * 2
    assert model.predict(X, batch_size=4, verbose=0).shape[0] == 12


def test_limits_are_positive() -> None:
    with pytest.raises(ValueError, match=r"set_max_epochs\(max_epochs=0\)"):
        config.set_max_epochs(0)


# -- one call for one batch --------------------------------------------------------------------------------------------


class Halved(Mean):
    """A metric that is set back in its own way, so that the batch's call cannot do it."""

    def __init__(self, name: str = "halved") -> None:
        super().__init__(name=name)
        self.resets = 0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        super().update_state(ops.mean(y_pred) / 2)

    def reset_state(self) -> None:
        self.resets += 1
        super().reset_state()


def test_batches_of_ones_own_loop_train_as_fit_does(trainable_backend: Backend) -> None:
    fitted, looped = linear(metrics=["mae"]), linear(metrics=["mae"])
    fitted.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    for _ in range(2):
        for start in range(0, len(X), 8):
            part = slice(start, start + 8)
            loss, mae = looped.train_on_batch(X[part], Y[part])
            assert loss > 0
            assert mae > 0
    for here, there in zip(looped.get_weights(), fitted.get_weights(), strict=True):
        np.testing.assert_allclose(here, there, rtol=1e-5, atol=1e-6)
    of_all = looped.test_on_batch(X, Y, return_dict=True)
    evaluated = looped.evaluate(X, Y, batch_size=len(X), verbose=0, return_dict=True)
    assert of_all == pytest.approx(evaluated, rel=1e-5)
    assert looped.test_on_batch(X, Y, return_dict=True) == pytest.approx(of_all, rel=1e-6)  # of this batch alone


def test_what_changes_between_batches_is_noticed(trainable_backend: Backend) -> None:
    model = linear()
    model.train_on_batch(X, Y)
    before = model.get_weights()
    model.trainable = False
    with pytest.warns(UserWarning, match="no trainable weights"):
        model.train_on_batch(X, Y)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before, strict=True))
    model.trainable = True
    model.train_on_batch(X, Y)
    assert not np.array_equal(model.get_weights()[0], before[0])
    model.compile("sgd", "mse", metrics=[Halved()])
    logs = model.train_on_batch(X, Y, return_dict=True)
    assert logs["halved"] == pytest.approx(model.predict(X, verbose=0).mean() / 2, abs=1.0)
    again = model.test_on_batch(X, Y, return_dict=True)
    assert again["halved"] == pytest.approx(model.predict(X, verbose=0).mean() / 2, rel=1e-4)


def test_one_row_is_predicted_as_many_are(backend: Backend) -> None:
    model = linear()
    many = model.predict(X, batch_size=5, verbose=0)
    for row in (X[:1], X[:1].tolist(), X[:1].astype("float64")):
        np.testing.assert_allclose(model.predict(row, verbose=0), many[:1], rtol=1e-5)
    weights = model.get_weights()
    model.set_weights([0 * w for w in weights])
    assert not model.predict(X[:1], verbose=0).any()
    with pytest.raises(ValueError, match="batch_size"):
        model.predict(X[:1], batch_size=0, verbose=0)
