"""A model's state as nested dictionaries, and its loss as a pure function of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_layers import BatchNormalization, Dense, Dropout, Input, Layer
from dl_ops import StatelessScope, ops, tree
from dl_ops.backend import backend_scope
from dl_train.models import Model, Sequential

X = np.random.default_rng(2).standard_normal((8, 3)).astype("float32")
Y = X[:, :1] * 2


@pytest.fixture(autouse=True)
def on_numpy() -> Iterator[None]:
    with backend_scope("numpy"):
        yield


def network() -> Any:
    layers = [Input((3,)), Dense(4, name="d"), BatchNormalization(name="n"), Dropout(0.1), Dense(1, name="e")]
    model = Sequential(layers, name="net")
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, verbose=0)
    return model


def test_values_are_where_the_paths_say() -> None:
    model = network()
    state = model.get_state_tree("numpy_array")
    assert list(state) == ["trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables"]
    assert list(state["trainable_variables"]["net"]) == ["d", "n", "e"]
    np.testing.assert_array_equal(state["trainable_variables"]["net"]["d"]["kernel"], model.layers[0].kernel.numpy())
    assert set(state["non_trainable_variables"]["net"]["n"]) == {"moving_mean", "moving_variance"}
    assert int(state["optimizer_variables"]["adam"]["iteration"]) == 1
    assert float(state["metrics_variables"]["loss"]["count"]) == 8.0
    counted = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    assert len(tree.flatten(state)) == len(counted)


def test_a_state_is_restored_and_training_goes_on_from_it() -> None:
    model, other = network(), network()
    other.set_state_tree(model.get_state_tree())
    for a, b in zip(*(tree.flatten(m.get_state_tree("numpy_array")) for m in (model, other)), strict=True):
        np.testing.assert_array_equal(a, b)
    assert other.train_on_batch(X, Y) == model.train_on_batch(X, Y)
    kernel = np.ones((4, 1))
    model.set_state_tree({"trainable_variables": {"net": {"e": {"kernel": kernel}}}})
    np.testing.assert_array_equal(model.layers[-1].kernel.numpy(), kernel)


def test_variables_of_one_path_are_all_there() -> None:
    # in Keras the last one stands for all
    x = Input((3,))
    model = Model(x, [Dense(1, name="a")(x), Dense(1, name="b")(x)])
    model.compile("sgd", "mse", metrics=[["mae"], ["mae"]])
    model.fit(X, [Y, 3 * Y], verbose=0)
    state = model.get_state_tree("numpy_array")["metrics_variables"]
    assert len(tree.flatten(state)) == len(model.metrics_variables)
    model.reset_metrics()
    model.set_state_tree({"metrics_variables": state})
    results = {name: float(value) for name, value in model.get_metrics_result().items()}
    assert results["b_mae"] != results["a_mae"]
    assert results == pytest.approx({**results, "b_mae": results["b_mae"]})
    assert results["b_mae"] > 0


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"weights": {}}, "unknown key 'weights'"),
        ({"trainable_variables": {"net": {"d": {"kernel": np.ones((3, 4)), "nope": 1.0}}}}, "net/d/nope"),
        ({"trainable_variables": {"net": {"d": {"bias": np.ones(4), "kernel": np.ones((4, 3))}}}}, "shape"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state: Any, message: str) -> None:
    model = network()
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        model.set_state_tree(state)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_of_a_model_that_is_not_compiled_or_built() -> None:
    assert Sequential([Dense(1)]).get_state_tree() == {
        "trainable_variables": {},
        "non_trainable_variables": {},
        "optimizer_variables": {},
        "metrics_variables": {},
    }
    with pytest.raises(ValueError, match="value_format='list'"):
        network().get_state_tree("list")


def values(variables: Any) -> list[Any]:
    return [v.value for v in variables]


def test_loss_and_updates_are_a_pure_function() -> None:
    model = network()
    given = [values(v) for v in (model.trainable_variables, model.non_trainable_variables, model.metrics_variables)]
    before = model.get_weights()
    model.optimizer.loss_scale_factor = 4.0
    loss, (plain, y_pred, others, metrics) = model.compute_loss_and_updates(
        *given, X, Y, None, training=True, optimizer_variables=values(model.optimizer.variables)
    )
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert float(plain) == pytest.approx(((np.asarray(y_pred) - Y) ** 2).mean(), rel=1e-5)
    assert float(loss) == pytest.approx(4 * float(plain))
    assert [len(others), len(metrics)] == [len(v) for v in given[1:]]
    names = [v.path for v in model.non_trainable_variables]
    moving = names.index("net/n/moving_mean")
    assert not np.array_equal(others[moving], given[1][moving])
    with pytest.raises(ValueError, match="got 1 values of trainable_variables"):
        model.compute_loss_and_updates(given[0][:1], *given[1:], X, Y, None)
    model.jax_state_sync()


def test_losses_of_layers_are_collected() -> None:
    class Penalty(Layer):
        def call(self, x: Any) -> Any:
            self.add_loss(ops.sum(x))
            return x

    model = Sequential([Penalty(), Penalty()])
    with StatelessScope(collect_losses=True) as scope:
        model(X)
    assert [float(loss) for loss in scope.losses] == pytest.approx([X.sum(), X.sum()])
    with StatelessScope() as scope:
        model(X)
    assert scope.losses == []


def test_a_model_says_how_it_is_quantized() -> None:
    assert network().get_quantization_layer_structure("gptq") is None
