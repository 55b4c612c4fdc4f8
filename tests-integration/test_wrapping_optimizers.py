"""Optimizers that leave the updates to others: scaled losses, and one optimizer for each variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_ops import Variable, ops
from dl_ops.backend import Backend
from dl_train import Sequential, optimizers
from dl_train.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, Optimizer, OptimizerMap
from dl_train.testing.optimizers import STEPS, OptimizerCase, gradients, start, train, variables

pytestmark = pytest.mark.each_backend_alone

INF = float("inf")


def by_name() -> MultiOptimizer:
    return MultiOptimizer(OptimizerMap(SGD(0.05, momentum=0.9), {".*/kernel": Adam(0.05)}), name="o")


def scaled(inner: Optimizer, **options: Any) -> LossScaleOptimizer:
    return LossScaleOptimizer(inner, **{"initial_scale": 8.0, "dynamic_growth_steps": 3, "name": "o", **options})


def tensors(*values: float) -> list[Any]:
    return [ops.convert_to_tensor([value, 1.0]) for value in values]


def compiled(backend: Backend, optimizer: Optimizer, trained: list[Variable], jit: bool) -> Callable[..., Any]:
    optimizer.build(trained)
    return backend.compile_step(
        lambda *grads: optimizer.apply(grads, trained), [*trained, *optimizer.variables], jit=jit
    )


# -- loss scaling -----------------------------------------------------------------------------------------------------


def scaling_by_hand(finite: list[bool], growth: int) -> tuple[float, list[tuple[float, float, int]]]:
    """What momentum descent with gradients of 8 does to a one, and the variable, scale and counter after each step."""
    x, velocity, scale, counter, seen = 1.0, 0.0, 8.0, 0, []
    for ok in finite:
        if ok:
            velocity = 0.5 * velocity - 8.0 / scale
            x, counter = x + velocity, counter + 1
            if counter == growth:
                scale, counter = 2 * scale, 0
        else:
            scale, counter = scale / 2, 0
        seen.append((x, scale, counter))
    return x, seen


@pytest.mark.parametrize("way", ["eager", "step", "jit"])
@pytest.mark.parametrize("bad", [INF, -INF, float("nan")])
def test_a_step_with_infinities_is_left_out_and_the_scale_follows(
    way: str, bad: float, trainable_backend: Backend
) -> None:
    if way == "jit" and bad != INF:
        pytest.skip("compiled once")
    optimizer = scaled(SGD(1.0, momentum=0.5))
    first, second = Variable([1.0, 1.0], name="first"), Variable([1.0, 1.0], name="second")
    finite = [True, True, False, True, True, True, True, True, True, False, False]
    _, expected = scaling_by_hand(finite, 3)
    step = optimizer.apply if way == "eager" else compiled(trainable_backend, optimizer, [first, second], way == "jit")
    for ok, (x, scale, counter) in zip(finite, expected, strict=True):
        grads = [np.array([8.0, 8.0], "float32"), np.array([8.0 if ok else bad, 8.0], "float32")]
        if way == "eager":
            optimizer.apply([ops.convert_to_tensor(g) for g in grads], [first, second])
        else:
            step(*grads)
        np.testing.assert_allclose([first.numpy(), second.numpy()], np.full((2, 2), x), rtol=1e-6)
        assert (float(optimizer.dynamic_scale), int(optimizer.step_counter)) == (scale, counter)
    assert int(optimizer.iterations) == sum(finite)


def test_gradients_are_unscaled_before_they_are_clipped(trainable_backend: Backend) -> None:
    optimizer, v = scaled(SGD(1.0, clipvalue=0.5)), Variable([1.0, 1.0])
    optimizer.apply(tensors(80.0), [v])
    np.testing.assert_allclose(v.numpy(), [0.5, 0.875])


def test_the_scale_takes_the_place_of_the_inner_optimizers_own(trainable_backend: Backend) -> None:
    optimizer, v = scaled(SGD(1.0, loss_scale_factor=4.0)), Variable([1.0, 1.0])
    assert float(optimizer.scale_loss(ops.convert_to_tensor(2.0))) == 16.0
    optimizer.apply(tensors(4.0), [v])
    np.testing.assert_allclose(v.numpy(), [0.5, 0.875])
    assert optimizer.inner_optimizer.loss_scale_factor == 4.0


def test_scaled_training_is_the_inner_optimizers(trainable_backend: Backend) -> None:
    case = OptimizerCase("Adam", {"weight_decay": 0.1, "gradient_accumulation_steps": 2, "use_ema": True})
    optimizer, trained = scaled(case.make(), initial_scale=4.0, dynamic_growth_steps=10_000), variables()
    optimizer.build(trained)
    for call in range(6):
        optimizer.apply([ops.convert_to_tensor(4.0 * g) for g in gradients(call)])
    for v, expected in zip(trained, case.expected(6), strict=True):
        np.testing.assert_allclose(v.numpy(), expected, rtol=1e-5, atol=1e-5)


def test_rate_and_averages_are_the_inner_optimizers(trainable_backend: Backend) -> None:
    optimizer, v = scaled(SGD(1.0, use_ema=True, ema_momentum=0.5)), Variable([0.0, 0.0])
    for _ in range(2):
        optimizer.apply(tensors(8.0), [v])
    optimizer.finalize_variable_values([v])
    np.testing.assert_allclose(v.numpy()[0], -1.5)
    optimizer.learning_rate = 0.25
    assert float(optimizer.inner_optimizer.learning_rate) == float(optimizer.learning_rate) == 0.25


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: LossScaleOptimizer("sgd"), TypeError, "inner_optimizer='sgd'"),
        (lambda: LossScaleOptimizer(SGD(), clipnorm=1.0), ValueError, "no clipnorm: give that to the optimizer"),
        (lambda: LossScaleOptimizer(SGD(), initial_scale=0.0), ValueError, "initial_scale=0.0"),
        (lambda: LossScaleOptimizer(SGD(), dynamic_growth_steps=0), ValueError, "dynamic_growth_steps=0"),
        (lambda: MultiOptimizer({"a": SGD()}), TypeError, "expected an OptimizerMap"),
        (lambda: OptimizerMap("sgd"), TypeError, "default_optimizer='sgd'"),
        (lambda: OptimizerMap(SGD(), {"a": "sgd"}), TypeError, "'sgd' for 'a'"),
        (lambda: OptimizerMap(SGD(), {"[": SGD()}), ValueError, r"'\[' is no regular expression"),
        (lambda: OptimizerMap(SGD(), {1: SGD()}), ValueError, "the key 1 is no string"),
        (lambda: MultiOptimizer(lambda v: 3).build([Variable([1.0])]), ValueError, "gave 3"),
    ],
)
def test_arguments_are_checked(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


# -- several optimizers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["eager", "step"])
def test_each_variable_has_its_optimizer(way: str, trainable_backend: Backend) -> None:
    optimizer, trained = by_name(), variables()
    backend = None if way == "eager" else trainable_backend
    train(optimizer, trained, range(STEPS), compiled=backend, jit=trainable_backend.name in ("jax", "tensorflow"))
    adam = OptimizerCase("Adam").expected()
    sgd = OptimizerCase("SGD", {"momentum": 0.9}).expected()
    for v, by_adam, by_sgd in zip(trained, adam, sgd, strict=True):
        expected = by_adam if v.path.endswith("/kernel") else by_sgd
        np.testing.assert_allclose(v.numpy(), expected, rtol=1e-5, atol=1e-5)
    assert int(optimizer.iterations) == STEPS
    assert [int(inner.iterations) for inner in optimizer.optimizers] == [STEPS, STEPS]


def test_a_map_finds_whole_paths_and_exact_ones_first() -> None:
    default, one, other = SGD(), SGD(), SGD()
    found = OptimizerMap(default, {"a/b": one, ".*/b": other})
    assert (found["a/b"], found["c/b"], found["c/bb"]) == (one, other, default)
    assert (len(found), list(found), "c/b" in found) == (2, ["a/b", ".*/b"], False)
    found["c/.*"] = one
    with pytest.raises(ValueError, match=r"'\.\*/b', 'c/\.\*' all match 'c/b'"):
        found["c/b"]
    with pytest.raises(ValueError, match=r"'a/b' is there already"):
        found["a/b"] = other


def test_losses_are_scaled_once_for_all(trainable_backend: Backend) -> None:
    optimizer = MultiOptimizer(OptimizerMap(SGD(1.0), {"b": SGD(2.0, loss_scale_factor=3.0)}), loss_scale_factor=4.0)
    a, b = Variable([1.0, 1.0], name="a"), Variable([1.0, 1.0], name="b")
    assert float(optimizer.scale_loss(ops.convert_to_tensor(1.0))) == 4.0
    optimizer.apply(tensors(4.0, 4.0), [a, b])
    assert [a.numpy()[0], b.numpy()[0]] == [0.0, -1.0]


def test_it_has_no_learning_rate_of_its_own() -> None:
    optimizer = by_name()
    assert not hasattr(optimizer, "learning_rate")
    with pytest.raises(AttributeError, match=r"no learning rate to set to 0\.5"):
        optimizer.learning_rate = 0.5


def test_a_function_may_choose_the_optimizer(trainable_backend: Backend) -> None:
    made: list[Optimizer] = []

    def chosen(variable: Variable) -> Optimizer:
        made.append(SGD(1.0 if variable.name == "a" else 2.0))
        return made[-1]

    a, b = Variable([1.0, 1.0], name="a"), Variable([1.0, 1.0], name="b")
    optimizer = MultiOptimizer(chosen)
    optimizer.apply(tensors(1.0, 1.0), [a, b])
    assert [a.numpy()[0], b.numpy()[0]] == [0.0, -1.0]
    assert optimizer.optimizers == made


def test_what_concerns_variables_reaches_their_optimizers(trainable_backend: Backend) -> None:
    inner = [SGD(1.0, weight_decay=0.5), SGD(1.0, weight_decay=0.5)]
    optimizer = scaled(MultiOptimizer(OptimizerMap(inner[0], {"b": inner[1]})), initial_scale=1.0)
    a, b = Variable([1.0, 1.0], name="a"), Variable([1.0, 1.0], name="b")
    optimizer.exclude_from_weight_decay(var_names=["b"])
    optimizer.scale_learning_rate(0.5, var_list=[a])
    optimizer.apply([ops.zeros(2), ops.ones(2)], [a, b])
    assert [a.numpy()[0], b.numpy()[0]] == [0.75, 0.0]


# -- files and models -------------------------------------------------------------------------------------------------

WRAPPED: dict[str, Callable[[], Optimizer]] = {
    "scaled": lambda: scaled(Adam(0.05)),
    "several": by_name,
    "several, scaled": lambda: scaled(by_name()),
}


@pytest.mark.parametrize("make", WRAPPED.values(), ids=WRAPPED)
def test_training_goes_on_from_saved_state(make: Callable[[], Optimizer], trainable_backend: Backend) -> None:
    optimizer, trained = make(), variables()
    train(optimizer, trained, range(4))
    store: dict[str, np.ndarray] = {}
    optimizer.save_own_variables(store)
    assert len(store) == len(optimizer.variables)
    config = optimizers.serialize(optimizer)
    resumed, copies = optimizers.deserialize(config), variables(values=[v.numpy() for v in trained])
    assert optimizers.serialize(resumed) == config
    resumed.build(copies)
    resumed.load_own_variables(store)
    for o, v in ((optimizer, trained), (resumed, copies)):
        train(o, v, range(4, 7))
    for a, b in zip([*trained, *optimizer.variables], [*copies, *resumed.variables], strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("make", WRAPPED.values(), ids=WRAPPED)
def test_pure_application_is_that_which_assigns(make: Callable[[], Optimizer], trainable_backend: Backend) -> None:
    optimizer, pure, trained, copies = make(), make(), variables(), variables()
    train(optimizer, trained, range(2))
    pure.build(copies)
    values, state = [v.value for v in copies], [v.value for v in pure.variables]
    for call in range(2):
        values, state = pure.stateless_apply(state, [ops.convert_to_tensor(g) for g in gradients(call)], values)
    for found, v in zip([*values, *state], [*trained, *optimizer.variables], strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(found), v.numpy(), rtol=1e-6, atol=1e-6)
    for v, before in zip(copies, start(), strict=True):
        np.testing.assert_array_equal(v.numpy(), before)


@pytest.mark.parametrize("make", WRAPPED.values(), ids=WRAPPED)
def test_models_are_trained_with_it(make: Callable[[], Optimizer], trainable_backend: Backend) -> None:
    model = Sequential([Input((3,)), Dense(1, name="d", kernel_initializer="zeros")])
    model.compile(make(), "mse")
    x = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
    y = x @ np.array([[1.0], [-2.0], [0.5]], "float32")
    history = model.fit(x, y, batch_size=8, epochs=30, verbose=0).history["loss"]
    assert history[-1] < 0.1 * history[0]


@pytest.mark.parametrize(
    ("policy", "automatic", "wraps"),
    [("mixed_float16", True, True), ("mixed_float16", False, False), ("mixed_bfloat16", True, False)],
)
def test_losses_are_scaled_in_half_precision(policy: str, automatic: bool, wraps: bool, backend: Backend) -> None:
    from dl_layers import dtype_policies

    before = dtype_policies.dtype_policy()
    dtype_policies.set_dtype_policy(policy)
    try:
        model = Sequential([Input((3,)), Dense(1)])
        model.compile("adam", "mse", auto_scale_loss=automatic)
        assert isinstance(model.optimizer, LossScaleOptimizer) == wraps
        again = Sequential([Input((3,)), Dense(1)])
        again.compile_from_config(model.get_compile_config())
        assert isinstance(again.optimizer, LossScaleOptimizer) == wraps
    finally:
        dtype_policies.set_dtype_policy(before)
