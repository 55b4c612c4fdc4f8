"""Programs of models: calls that go by one give what other calls give, also after something has changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_layers.activation import Activation
from dl_layers.convolution import Conv2D
from dl_layers.core import Dense, Embedding, Input
from dl_layers.layer import Layer, programs
from dl_layers.normalization import BatchNormalization, LayerNormalization
from dl_layers.pooling import GlobalAveragePooling1D
from dl_layers.regularization import Dropout
from dl_ops import config, ops, tree
from dl_ops.backend import Backend
from dl_ops.dispatch.program import Program
from dl_ops.scopes import StatelessScope
from dl_train.callbacks import LambdaCallback
from dl_train.models import Model, Sequential

X = np.random.default_rng(0).standard_normal((3, 4)).astype("float32")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models have programs from their second call on."""
    monkeypatch.setattr(programs, "_CALLS_BEFORE", 1)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A list that each run of a program adds to."""
    done: list[Any] = []
    run = Program.__call__

    def counted(self: Any, inputs: Any) -> Any:
        done.append(self)
        return run(self, inputs)

    monkeypatch.setattr(Program, "__call__", counted)
    return done


def ordinary(model: Any, x: Any, **options: Any) -> Any:
    """Outputs by way of the layers."""
    kept, model.__dict__["_programs"] = model._programs, None
    try:
        return tree.map_structure(ops.convert_to_numpy, model(x, **options))
    finally:
        model.__dict__["_programs"] = kept


def recorded(model: Any, x: Any, **options: Any) -> Any:
    """The model, called until it has a program."""
    for _ in range(4):
        model(x, **options)
    return model


def check(model: Any, x: Any, runs: list[Any], *, by_program: bool = True, **options: Any) -> Any:
    """Compare a call with the ordinary one, and whether a program did it."""
    expected = ordinary(model, x, **options)
    before = len(runs)
    outputs = tree.map_structure(ops.convert_to_numpy, model(x, **options))
    assert (len(runs) > before) == by_program
    tree.map_structure(np.testing.assert_array_equal, outputs, expected)
    return outputs


def mlp() -> Any:
    return Sequential([Input((4,)), Dense(5, activation="relu"), BatchNormalization(), Dropout(0.5), Dense(2)])


def graph() -> Any:
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = Dense(4, activation="tanh")
    inner = Sequential([Input((4,)), Dense(4), LayerNormalization()])
    x = inner(shared(a)) * 2.0 + shared(b)
    parts = ops.concatenate([x[:, 1:3], shared(x)], axis=-1)
    return Model({"a": a, "b": b}, {"sum": ops.sum(parts, axis=-1), "several": [inner(x), ops.where(x > 0, x, 0.0)]})


def test_models_are_called_by_programs(backend: Backend, runs: list[Any]) -> None:
    x = backend.to_tensor(X)
    model = recorded(mlp(), x)
    check(model, x, runs)
    check(model, backend.to_tensor(X[::-1].copy()), runs)
    check(recorded(model, x, training=False), x, runs, training=False)


def test_structures_of_inputs_and_outputs(backend: Backend, runs: list[Any]) -> None:
    a, b = backend.to_tensor(X), backend.to_tensor(-X)
    model = graph()
    for inputs in ({"a": a, "b": b}, {"b": b, "a": a}):
        check(recorded(model, inputs), inputs, runs)
    several = Model(list(model.input.values()), tree.flatten(model.output))
    check(recorded(several, [a, b]), [a, b], runs)


def test_each_shape_and_dtype_has_its_program(backend: Backend, runs: list[Any]) -> None:
    model = recorded(mlp(), backend.to_tensor(X))
    for _ in range(3):
        for x in (X, X[:2], X[:1]):
            check(model, backend.to_tensor(x), runs)
        np.testing.assert_array_equal(
            ops.convert_to_numpy(model(backend.to_tensor(X.astype("int32")))), ordinary(model, X.astype("int32"))
        )
    assert len(set(runs)) >= 3


def assign(model: Any) -> None:
    model.layers[0].kernel.assign(model.layers[0].kernel.numpy() * 2)


CHANGES: dict[str, Callable[[Any], object]] = {
    "activation": lambda model: setattr(model.layers[0], "activation", ops.tanh),
    "epsilon": lambda model: setattr(model.layers[1], "epsilon", 0.5),
    "kernel": lambda model: setattr(model.layers[0], "_kernel", model.layers[0].add_weight((4, 5), "ones")),
    "another layer": lambda model: model.add(Dense(3)),
    "one layer less": lambda model: model.pop(),
    "call": lambda model: setattr(model.layers[-1], "call", lambda x: x * 3.0),
    "call of the model": lambda model: setattr(model, "call", lambda x, training=None: x * 3.0),
    "low rank": lambda model: model.layers[-1].enable_lora(1),
    "quantized": lambda model: model.layers[-1].quantize("int8"),
    "trainable": lambda model: setattr(model, "trainable", False),
}
"""What may happen to a model after it was called."""


@pytest.mark.parametrize("change", CHANGES)
def test_changes_are_seen(backend: Backend, runs: list[Any], change: str) -> None:
    x = backend.to_tensor(X)
    model = recorded(mlp(), x)
    CHANGES[change](model)
    for _ in range(4):
        expected = ordinary(model, x)
        np.testing.assert_array_equal(ops.convert_to_numpy(model(x)), expected)


def test_weights_are_read_anew(backend: Backend, runs: list[Any]) -> None:
    x = backend.to_tensor(X)
    model = recorded(mlp(), x)
    before = check(model, x, runs)
    assign(model)
    after = check(model, x, runs)
    assert not np.array_equal(before, after)
    model.set_weights([w + 1 for w in model.get_weights()])
    check(model, x, runs)
    with StatelessScope([(v, v.value * 0) for v in model.variables]):
        assert not ops.convert_to_numpy(model(x)).any()
    check(model, x, runs)


def test_training_goes_the_ordinary_way(backend: Backend, runs: list[Any]) -> None:
    x = backend.to_tensor(X)
    model = recorded(mlp(), x)
    before = [v.numpy() for v in model.non_trainable_variables]
    done = len(runs)
    model(x, training=True)
    assert len(runs) == done
    assert any(not np.array_equal(old, v.numpy()) for old, v in zip(before, model.non_trainable_variables, strict=True))
    check(model, x, runs)


def test_gradients_go_through_models_with_programs(backend: Backend) -> None:
    if not backend.trainable:
        pytest.skip("computes no gradients")
    x = backend.to_tensor(X)
    model = mlp()

    def gradients() -> list[Any]:
        of_weights = ops.value_and_grad(lambda: ops.sum(ops.square(model(x))), model.trainable_variables)()[1]
        of_input = ops.value_and_grad(lambda x: ops.sum(ops.square(model(x))))(x)[1]
        return [ops.convert_to_numpy(g) for g in (*of_weights, of_input)]

    expected = gradients()
    recorded(model, x)
    for found, reference in zip(gradients(), expected, strict=True):
        np.testing.assert_array_equal(found, reference)


class Counting(Layer):
    """A layer of a user's that does more than compute."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def call(self, x: Any) -> Any:
        self.calls += 1
        return x * float(self.calls)


def test_layers_of_users_run_each_time(backend: Backend, runs: list[Any]) -> None:
    x = backend.to_tensor(X)
    seen: list[Any] = []

    def look(x: Any) -> Any:
        seen.append(x.shape)
        return x

    counting = Counting()
    counts: list[tuple[Layer, Callable[[], int]]] = [
        (counting, lambda: counting.calls),
        (Activation(look), lambda: len(seen)),
    ]
    for layer, count in counts:
        model = recorded(Sequential([Input((4,)), Dense(4), layer]), x)
        before = count()
        model(x)
        assert count() == before + 1
    assert not runs


def test_losses_of_activities_are_added_each_time(backend: Backend, runs: list[Any]) -> None:
    x = backend.to_tensor(X)
    model = recorded(Sequential([Input((4,)), Dense(4, activity_regularizer="l2")]), x)
    assert len(model.losses) == 1
    assert not runs


def test_masks_and_mixed_precision_go_the_ordinary_way(backend: Backend, runs: list[Any]) -> None:
    tokens = backend.to_tensor(np.array([[1, 2, 0]], "int32"))
    masked = Sequential([Input((3,), dtype="int32"), Embedding(4, 2, mask_zero=True), GlobalAveragePooling1D()])
    expected = ordinary(masked, tokens)
    np.testing.assert_array_equal(ops.convert_to_numpy(recorded(masked, tokens)(tokens)), expected)
    mixed = Sequential([Input((4,)), Dense(3, dtype="mixed_bfloat16")])
    recorded(mixed, backend.to_tensor(X))
    assert not runs


def test_settings_of_the_process_are_seen(backend: Backend, runs: list[Any]) -> None:
    x = backend.to_tensor(np.ones((1, 6, 6, 2), "float32"))
    model = recorded(Sequential([Input((6, 6, 2)), Conv2D(2, 3)]), x)
    before = config.image_data_format()
    try:
        config.set_image_data_format("channels_first" if before == "channels_last" else "channels_last")
        check(model, x, runs, by_program=False)
    finally:
        config.set_image_data_format(before)
    check(recorded(model, x), x, runs)


def test_errors_are_the_ordinary_ones(backend: Backend) -> None:
    model = recorded(mlp(), backend.to_tensor(X))
    with pytest.raises(ValueError, match=r"takes shape \(None, 4\), got an array of shape .*3, 5"):
        model(backend.to_tensor(np.ones((3, 5), "float32")))


def test_copies_have_programs_of_their_own(backend: Backend, runs: list[Any]) -> None:
    x = backend.to_tensor(X)
    model = recorded(mlp(), x)
    other = recorded(copy.deepcopy(model), x)
    assign(other)
    assert not np.array_equal(check(other, x, runs), check(model, x, runs))


def test_other_models_do_not_disturb(backend: Backend, runs: list[Any]) -> None:
    x = backend.to_tensor(X)
    model = recorded(mlp(), x)
    mlp()(x)
    check(model, x, runs)


def test_a_model_that_keeps_changing_is_recorded_less_often(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    x = backend.to_tensor(X)
    made: list[Any] = []
    record = programs.recorded

    def counted(*args: Any) -> Any:
        made.append(args)
        return record(*args)

    monkeypatch.setattr(programs, "recorded", counted)
    model = mlp()
    for i in range(64):
        model.layers[1].epsilon = 0.1 + i
        for _ in range(2):
            model(x)
    assert 0 < len(made) <= 7


class Doubling(Model):
    """A model of a user's, with a step of its own."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def call(self, x: Any, training: bool | None = None) -> Any:
        return self.inner(x, training=training)

    def predict_step(self, data: Any) -> Any:
        return 2 * super().predict_step(data)


@pytest.mark.parametrize("eagerly", [False, True])
def test_predictions_go_by_programs(backend: Backend, runs: list[Any], eagerly: bool) -> None:
    x = np.random.default_rng(1).standard_normal((23, 4)).astype("float32")
    model = mlp()
    model.compile(run_eagerly=eagerly)

    def expected() -> Any:
        parts = [ordinary(model, backend.to_tensor(x[i : i + 5]), training=False) for i in range(0, len(x), 5)]
        return np.concatenate(parts)

    for _ in range(3):
        np.testing.assert_allclose(model.predict(x, batch_size=5, verbose=0), expected(), 1e-5, 1e-6)
        assign(model)
    if eagerly:
        assert len(runs) > 2 * 4
        np.testing.assert_array_equal(model.predict(x, batch_size=5, verbose=0), expected())
    seen: list[Any] = []
    hook = LambdaCallback(on_predict_batch_end=lambda batch, logs: seen.append(logs["outputs"]))
    outputs = model.predict(x, batch_size=5, verbose=0, callbacks=[hook])
    np.testing.assert_array_equal(np.concatenate(seen), outputs)
    np.testing.assert_allclose(outputs, expected(), 1e-5, 1e-6)


def test_predictions_of_other_kinds(backend: Backend) -> None:
    x = np.random.default_rng(1).standard_normal((7, 4)).astype("float32")
    model = mlp()
    doubling: Any = Doubling(model)
    inputs = {"a": x, "b": -x}
    several = graph()
    for _ in range(3):
        np.testing.assert_allclose(
            doubling.predict(x, batch_size=2, verbose=0), 2 * model.predict(x, batch_size=2, verbose=0), 1e-5, 1e-6
        )
        found = tree.flatten(several.predict(inputs, batch_size=2, verbose=0))
        expected = tree.flatten(several.predict(inputs, batch_size=7, verbose=0))
        for y, reference in zip(found, expected, strict=True):
            np.testing.assert_allclose(y, reference, 1e-5, 1e-6)


def test_a_prediction_that_is_to_stop_stops(backend: Backend) -> None:
    model = mlp()

    def stop(logs: Any) -> None:
        model.stop_predicting = True

    callback: Any = LambdaCallback()
    callback.on_predict_begin = stop
    for _ in range(3):
        assert len(model.predict(np.ones((6, 4)), batch_size=2, verbose=0, callbacks=[callback])) == 2
