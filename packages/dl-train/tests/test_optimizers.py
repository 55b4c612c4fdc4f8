"""Optimizers against their formulas in NumPy's float64, schedules, and what all optimizers share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_ops import Variable, backend_scope, ops
from dl_ops.backend import Backend, get_backend
from dl_ops.scopes import name_scope
from dl_train import Sequential, optimizers
from dl_train.optimizers import SGD, Adam, AdamW, Optimizer, schedules
from dl_train.optimizers.schedules import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)

SHAPES = ((3, 2), (2,), (), (2, 4))
STEPS = 20
RATE = 0.05


def values(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype("float32") for shape in SHAPES]


START = values(0)
GRADIENTS = [values(seed) for seed in range(1, STEPS + 1)]


def variables(dtype: str = "float32") -> list[Variable]:
    with name_scope("dense"):
        return [Variable(x, dtype=dtype, name=f"w{i}") for i, x in enumerate(START)]


def tensors(arrays: list[np.ndarray]) -> list[Any]:
    return [ops.convert_to_tensor(x) for x in arrays]


def train(optimizer: Optimizer, steps: int = STEPS) -> list[np.ndarray]:
    trained = variables()
    for gradients in GRADIENTS[:steps]:
        optimizer.apply(tensors(gradients), trained)
    return [variable.numpy() for variable in trained]


# -- references -------------------------------------------------------------------------------------------------------

Rule = Callable[[np.ndarray, np.ndarray, dict[str, Any], int], np.ndarray]


def reference(
    rule: Rule, steps: int = STEPS, edit: Callable[..., Any] = lambda gradients: gradients
) -> list[np.ndarray]:
    result = [x.astype("float64") for x in START]
    states: list[dict[str, Any]] = [{} for _ in result]
    for t, gradients in enumerate(GRADIENTS[:steps], 1):
        edited = edit([g.astype("float64") for g in gradients])
        result = [rule(x, g, state, t) for x, g, state in zip(result, edited, states, strict=True)]
    return result


def sgd(momentum: float = 0.0, nesterov: bool = False, decay: float = 0.0) -> Rule:
    def rule(x: np.ndarray, g: np.ndarray, state: dict[str, Any], t: int) -> np.ndarray:
        x = x * (1 - decay * RATE)
        state["v"] = momentum * state.get("v", 0.0) - RATE * g
        return x + (momentum * state["v"] - RATE * g if nesterov else state["v"])

    return rule


def adam(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-7, decay: float = 0.0, amsgrad: bool = False) -> Rule:
    def rule(x: np.ndarray, g: np.ndarray, state: dict[str, Any], t: int) -> np.ndarray:
        x = x * (1 - decay * RATE)
        state["m"] = b1 * state.get("m", 0.0) + (1 - b1) * g
        state["v"] = b2 * state.get("v", 0.0) + (1 - b2) * g**2
        state["top"] = np.maximum(state.get("top", 0.0), state["v"])
        # the paper's bias-corrected moments; its epsilon is epsilon-hat over the correction
        correction = 1 - b2**t
        mean = state["m"] / (1 - b1**t)
        square = (state["top"] if amsgrad else state["v"]) / correction
        return x - RATE * mean / (np.sqrt(square) + eps / np.sqrt(correction))

    return rule


def by_value(gradients: list[np.ndarray]) -> list[np.ndarray]:
    return [np.clip(g, -0.3, 0.3) for g in gradients]


def by_norm(gradients: list[np.ndarray]) -> list[np.ndarray]:
    return [g * min(1.0, 0.5 / np.linalg.norm(g)) for g in gradients]


def by_global_norm(gradients: list[np.ndarray]) -> list[np.ndarray]:
    norm = math.sqrt(sum(float(np.sum(g**2)) for g in gradients))
    return [g * min(1.0, 0.5 / norm) for g in gradients]


CASES: dict[str, tuple[Callable[[], Optimizer], list[np.ndarray]]] = {
    "SGD": (lambda: SGD(RATE), reference(sgd())),
    "momentum": (lambda: SGD(RATE, momentum=0.9), reference(sgd(0.9))),
    "Nesterov": (lambda: SGD(RATE, momentum=0.9, nesterov=True), reference(sgd(0.9, True))),
    "decay": (lambda: SGD(RATE, momentum=0.5, weight_decay=0.1), reference(sgd(0.5, decay=0.1))),
    "Adam": (lambda: Adam(RATE), reference(adam())),
    "betas": (lambda: Adam(RATE, beta_1=0.5, beta_2=0.9, epsilon=1e-2), reference(adam(0.5, 0.9, 1e-2))),
    "AMSGrad": (lambda: Adam(RATE, amsgrad=True, beta_2=0.5), reference(adam(b2=0.5, amsgrad=True))),
    "AdamW": (lambda: AdamW(RATE, weight_decay=0.1), reference(adam(decay=0.1))),
    "clipvalue": (lambda: Adam(RATE, clipvalue=0.3), reference(adam(), edit=by_value)),
    "clipnorm": (lambda: SGD(RATE, clipnorm=0.5), reference(sgd(), edit=by_norm)),
    "global_clipnorm": (lambda: SGD(RATE, global_clipnorm=0.5), reference(sgd(), edit=by_global_norm)),
    "loss_scale_factor": (
        lambda: SGD(RATE, loss_scale_factor=8.0),
        reference(sgd(), edit=lambda gs: [g / 8 for g in gs]),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_the_formula_in_float64(name: str, trainable_backend: Backend) -> None:
    make, expected = CASES[name]
    for value, right in zip(train(make()), expected, strict=True):
        np.testing.assert_allclose(value, right, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["Nesterov", "AdamW", "global_clipnorm"])
def test_compiled_step_does_the_same(name: str, trainable_backend: Backend) -> None:
    make, expected = CASES[name]
    optimizer, trained = make(), variables()
    optimizer.build(trained)

    def step(*gradients: Any) -> Any:
        optimizer.apply(list(gradients))
        return gradients[0]

    compiled = trainable_backend.compile_step(step, [*trained, *optimizer.variables])
    for gradients in GRADIENTS:
        compiled(*gradients)
    for variable, right in zip(trained, expected, strict=True):
        np.testing.assert_allclose(variable.numpy(), right, rtol=1e-5, atol=1e-5)
    assert int(optimizer.iterations) == STEPS


def test_compiled_step_sees_a_new_learning_rate(trainable_backend: Backend) -> None:
    optimizer, v = SGD(1.0), Variable([0.0])
    optimizer.build([v])

    def step(gradient: Any) -> Any:
        optimizer.apply([gradient])
        return gradient

    compiled = trainable_backend.compile_step(step, [v, *optimizer.variables])
    compiled(np.ones(1, "float32"))
    optimizer.learning_rate = 10.0
    compiled(np.ones(1, "float32"))
    assert v.numpy().tolist() == [-11.0]


# -- variables and files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: SGD(name="o"), []),
        (lambda: SGD(momentum=0.9, name="o"), ["dense_w0_momentum", "dense_w1_momentum"]),
        (
            lambda: Adam(amsgrad=True, name="o"),
            [
                *(f"dense_{w}_{slot}" for w in ("w0", "w1") for slot in ("momentum", "velocity")),
                "dense_w0_velocity_hat",
                "dense_w1_velocity_hat",
            ],
        ),
        (
            lambda: SGD(momentum=0.9, use_ema=True, gradient_accumulation_steps=2, name="o"),
            [f"dense_{w}_{slot}" for slot in ("average", "gradient_accumulator", "momentum") for w in ("w0", "w1")],
        ),
    ],
)
def test_variables_have_the_order_and_the_names_of_keras(
    make: Callable[[], Optimizer], names: list[str], backend: Backend
) -> None:
    optimizer, trained = make(), variables()[:2]
    optimizer.build(trained)
    assert [v.path for v in optimizer.variables] == [f"o/{name}" for name in ("iteration", "learning_rate", *names)]
    assert [v.dtype for v in optimizer.variables] == ["int32", *["float32"] * (len(names) + 1)]
    assert not any(v.trainable for v in optimizer.variables)


def test_scheduled_optimizer_has_no_variable_for_the_rate(backend: Backend) -> None:
    assert [v.name for v in SGD(ExponentialDecay(0.1, 1, 0.5)).variables] == ["iteration"]


def test_training_goes_on_from_saved_state_on_another_backend(trainable_backend: Backend) -> None:
    optimizer, trained = Adam(RATE), variables()
    for gradients in GRADIENTS[:10]:
        optimizer.apply(tensors(gradients), trained)
    store: dict[str, np.ndarray] = {}
    optimizer.save_own_variables(store)
    weights = [variable.numpy() for variable in trained]
    with backend_scope("numpy"):
        resumed, copies = Adam(1.0), [Variable(x) for x in weights]
        resumed.build(copies)
        resumed.load_own_variables(store)
        for gradients in GRADIENTS[10:]:
            resumed.apply(gradients, copies)
    for variable, right in zip(copies, CASES["Adam"][1], strict=True):
        np.testing.assert_allclose(variable.numpy(), right, rtol=1e-5, atol=1e-5)


def test_state_that_does_not_fit_changes_nothing(backend: Backend) -> None:
    optimizer = SGD(momentum=0.9)
    optimizer.build(variables())
    before = [v.numpy() for v in optimizer.variables]
    with pytest.warns(UserWarning, match="not loaded: it has 6 variables, the file has 1 for it"):
        optimizer.load_own_variables({"0": np.zeros(())})
    with pytest.raises(ValueError, match="'iteration' has shape"):
        optimizer.load_own_variables({str(i): np.zeros(7) for i in range(6)})
    with pytest.raises(ValueError, match="has shape"):
        optimizer.set_weights([np.ones(7) for _ in before])
    for variable, value in zip(optimizer.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    optimizer.set_weights([value + 1 for value in before])
    assert int(optimizer.iterations) == 1


def test_state_from_before_building_is_all_there_was(backend: Backend) -> None:
    store: dict[str, np.ndarray] = {}
    SGD(0.25, momentum=0.9).save_own_variables(store)
    optimizer = SGD(0.5, momentum=0.9)
    optimizer.build(variables())
    optimizer.load_own_variables(store)
    assert float(optimizer.learning_rate) == 0.25


@pytest.mark.parametrize("rate", [0.25, ExponentialDecay(0.5, 3, 0.5)], ids=["number", "schedule"])
def test_config_round_trip(rate: Any, backend: Backend) -> None:
    optimizer = AdamW(rate, weight_decay=0.5, beta_1=0.8, amsgrad=True, clipnorm=2.0, use_ema=True, name="mine")
    config = optimizers.serialize(optimizer)
    assert (config["module"], config["class_name"]) == ("keras.optimizers", "AdamW")
    again = optimizers.deserialize(config)
    assert type(again) is AdamW
    assert optimizers.serialize(again) == config


def test_get() -> None:
    assert type(optimizers.get("adamw")) is AdamW
    assert type(optimizers.get("SGD")) is SGD
    assert type(optimizers.get({"class_name": "Adam", "config": {"beta_1": 0.5}})) is Adam
    assert optimizers.get(None) is None
    with pytest.raises(ValueError, match=r"unknown optimizer 'adan': did you mean 'adam'"):
        optimizers.get("adan")


# -- what all share ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Nesterov", "AdamW"])
def test_accumulated_gradients_are_one_step_with_their_mean(name: str, trainable_backend: Backend) -> None:
    kind = {"Nesterov": lambda **k: SGD(RATE, 0.9, True, **k), "AdamW": lambda **k: AdamW(RATE, 0.1, **k)}[name]
    accumulating, plain = kind(gradient_accumulation_steps=4), kind()
    first, second = variables(), variables()
    for k in range(0, 12, 4):
        for gradients in GRADIENTS[k : k + 4]:
            before = [v.numpy() for v in first]
            accumulating.apply(tensors(gradients), first)
            assert (gradients is GRADIENTS[k + 3]) or all(map(np.array_equal, before, [v.numpy() for v in first]))
        plain.apply(tensors([np.mean(gs, axis=0) for gs in zip(*GRADIENTS[k : k + 4], strict=True)]), second)
        assert int(accumulating.iterations) == int(plain.iterations)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)


def test_moving_averages_begin_with_the_variable_and_replace_it_when_asked(trainable_backend: Backend) -> None:
    optimizer, v = SGD(1.0, use_ema=True, ema_momentum=0.5), Variable([0.0])
    path, average = [], None
    for _ in range(4):
        optimizer.apply(tensors([np.array([-1.0], "float32")]), [v])
        path.append(float(v.numpy()[0]))
        average = path[-1] if average is None else 0.5 * average + 0.5 * path[-1]
    assert path == [1.0, 2.0, 3.0, 4.0]
    optimizer.finalize_variable_values([v])
    assert v.numpy().tolist() == [average]


def test_variables_are_overwritten_by_averages_every_so_many_steps(trainable_backend: Backend) -> None:
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    v = Variable([0.0])
    seen = []
    for _ in range(4):
        optimizer.apply(tensors([np.array([-1.0], "float32")]), [v])
        seen.append(float(v.numpy()[0]))
    # 1 | 2, mean with 1 | 2.5 | 3.5, and the average 0.5 * (0.5 * 1.5 + 0.5 * 2.5) + 0.5 * 3.5
    assert seen == [1.0, 1.5, 2.5, 2.75]


def test_weight_decay_leaves_out_what_is_excluded(trainable_backend: Backend) -> None:
    kernel, scale, bias = (Variable([1.0], name=name) for name in ("kernel", "scale", "bias"))
    optimizer = SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[scale], var_names=["^bi"])
    optimizer.apply(tensors([np.zeros(1, "float32")] * 3), [kernel, scale, bias])
    assert [float(v.numpy()[0]) for v in (kernel, scale, bias)] == [0.75, 1.0, 1.0]


@pytest.mark.parametrize("name", ["SGD", "Adam", "Ftrl"])
def test_learning_rates_of_some_variables_are_scaled(name: str, trainable_backend: Backend) -> None:
    """Each variable goes where it would go alone, with an optimizer of that learning rate."""
    kind = {"SGD": lambda rate: SGD(rate, 0.9, weight_decay=0.1), "Adam": Adam, "Ftrl": optimizers.Ftrl}[name]
    optimizer, factors = kind(RATE), (0.5, 0.25, 1.0)
    trained = variables()
    optimizer.scale_learning_rate(0.1, var_names=["dense/w[01]"])
    optimizer.scale_learning_rate(0.5, var_list=trained[:1])
    optimizer.scale_learning_rate(0.25, var_names=["w1$"])
    optimizer.scale_learning_rate(0.0, var_list=[trained[3]])
    for gradients in GRADIENTS:
        optimizer.apply(tensors(gradients), trained)
    np.testing.assert_array_equal(trained[3].numpy(), START[3])
    for i, factor in enumerate(factors):
        alone, variable = kind(RATE * factor), variables()[i]
        for gradients in GRADIENTS:
            alone.apply(tensors(gradients[i : i + 1]), [variable])
        np.testing.assert_allclose(trained[i].numpy(), variable.numpy(), rtol=1e-5, atol=1e-6)


def test_scaled_learning_rates_are_in_the_config_if_there_are_any() -> None:
    optimizer = SGD(1.0)
    assert "learning_rate_scales" not in optimizer.get_config()
    kernel, bias = Variable([0.0], name="kernel"), Variable([0.0], name="bias")
    optimizer.scale_learning_rate(0.5, var_list=[bias], var_names=["nothing"])
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert again.get_config()["learning_rate_scales"][0]["factor"] == 0.5
    again.apply(tensors([np.ones(1, "float32")] * 2), [kernel, bias])
    assert [kernel.numpy()[0], bias.numpy()[0]] == [-1.0, -0.5]
    with pytest.raises(ValueError, match="factor=-1"):
        optimizer.scale_learning_rate(-1, var_names=["a"])
    with pytest.raises(ValueError, match="expected var_list or var_names"):
        optimizer.scale_learning_rate(0.5)


@pytest.mark.parametrize("name", optimizers.legacy.__all__)
def test_optimizers_of_keras_2_say_what_to_use(name: str) -> None:
    with pytest.raises(ImportError, match=f"use optimizers.{name}"):
        getattr(optimizers.legacy, name)(0.1)


def test_models_are_trained_with_rmsprop_unless_told_otherwise(trainable_backend: Backend) -> None:
    model = Sequential([Input((3,)), Dense(1, kernel_initializer="zeros")])
    model.compile(loss="mse")
    assert type(model.optimizer) is optimizers.RMSprop
    model.optimizer.learning_rate = 0.05
    x = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
    losses = model.fit(x, x @ np.array([[1.0], [-2.0], [0.5]], "float32"), epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("make", [optimizers.Nadam, optimizers.ScheduleFreeAdamW])
def test_weights_loaded_after_building_are_what_is_trained(make: Any, trainable_backend: Backend) -> None:
    loaded, fresh = variables(), variables()
    for v in loaded:
        v.assign(ops.zeros_like(v))
    optimizer, plain = make(RATE), make(RATE)
    optimizer.build(loaded)
    for v, x in zip(loaded, START, strict=True):
        v.assign(x)
    for gradients in GRADIENTS[:3]:
        optimizer.apply(tensors(gradients), loaded)
        plain.apply(tensors(gradients), fresh)
    for v, w in zip(loaded, fresh, strict=True):
        np.testing.assert_allclose(v.numpy(), w.numpy(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: optimizers.Adagrad(initial_accumulator_value=-1), ValueError, "initial_accumulator_value=-1"),
        (lambda: optimizers.Ftrl(learning_rate_power=0.1), ValueError, r"learning_rate_power=0\.1"),
        (lambda: optimizers.Ftrl(l1_regularization_strength=-1), ValueError, "l1_regularization_strength=-1"),
        (lambda: optimizers.Lion(beta_1=0), ValueError, "beta_1=0"),
        (lambda: optimizers.Muon(exclude_layers="head"), TypeError, "exclude_layers='head'"),
        (lambda: optimizers.Muon(ns_steps=-1), ValueError, "ns_steps=-1"),
        (lambda: optimizers.ScheduleFreeAdamW(beta_1=0.0), ValueError, r"beta_1=0\.0"),
    ],
)
def test_own_arguments_are_checked(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_constraints_hold_after_each_step(trainable_backend: Backend) -> None:
    v = Variable([1.0, -1.0])
    v.constraint = lambda x: ops.maximum(x, 0.0)
    SGD(1.0).apply(tensors([np.array([0.5, 0.5], "float32")]), [v])
    assert v.numpy().tolist() == [0.5, 0.0]


def test_gradient_may_be_the_new_value(trainable_backend: Backend) -> None:
    v, scale = Variable([1.0]), Variable([1.0])
    scale.overwrite_with_gradient = True
    Adam(1.0).apply(tensors([np.array([1.0], "float32"), np.array([7.0], "float32")]), [v, scale])
    np.testing.assert_allclose([v.numpy()[0], scale.numpy()[0]], [0.0, 7.0], atol=1e-5)


def test_sixteen_bit_variables_are_updated_in_float32(trainable_backend: Backend) -> None:
    # in bfloat16, 0.999 is 1 and the bias correction 0
    v, other = Variable([1.0], dtype="bfloat16"), Variable([1.0])
    optimizer = Adam(0.25)
    for _ in range(2):
        optimizer.apply([ops.convert_to_tensor([3.0], dtype="bfloat16"), ops.convert_to_tensor([3.0])], [v, other])
    assert v.dtype == "bfloat16"
    assert float(v.numpy()[0]) == 0.5
    np.testing.assert_allclose(other.numpy(), [0.5], atol=1e-5)


def test_missing_gradients_leave_variables_alone(trainable_backend: Backend) -> None:
    v, w = Variable([1.0], name="v"), Variable([1.0], name="w")
    optimizer = SGD(1.0, momentum=0.5)
    with pytest.warns(UserWarning, match="the loss does not depend on w"):
        optimizer.apply([ops.ones(1), None], [v, w])
    assert [v.numpy().tolist(), w.numpy().tolist()] == [[0.0], [1.0]]
    with pytest.raises(ValueError, match="no variable has a gradient"):
        optimizer.apply([None, None], [v, w])


def test_numpy_gradients_of_any_dtype_are_taken(trainable_backend: Backend) -> None:
    v = Variable([1.0])
    SGD(1.0).apply([np.array([0.25])], [v])
    assert v.numpy().tolist() == [0.75]
    assert v.numpy().dtype == np.float32


def test_gradients_that_do_not_fit_are_refused(trainable_backend: Backend) -> None:
    v = Variable([1.0], name="v")
    optimizer = SGD(1.0)
    with pytest.raises(ValueError, match=r"call build\(trainable_variables\)"):
        optimizer.apply([ops.ones(1)])
    optimizer.build([v])
    with pytest.raises(ValueError, match=r"a gradient of shape \(7,\) for .*path=v"):
        optimizer.apply([ops.ones(7)], [v])
    with pytest.raises(ValueError, match="2 gradients for 1 variables"):
        optimizer.apply([ops.ones(1)] * 2, [v])
    with pytest.raises(ValueError, match=r"was not built for .*path=other"):
        optimizer.apply([ops.ones(1)], [Variable([1.0], name="other")])
    assert v.numpy().tolist() == [1.0]


def test_stateless_apply_assigns_nothing(trainable_backend: Backend) -> None:
    optimizer, trained = Adam(RATE), variables()
    optimizer.build(trained)
    before = [v.numpy() for v in (*trained, *optimizer.variables)]
    new: list[Any] = [v.value for v in trained]
    state: list[Any] = [v.value for v in optimizer.variables]
    for gradients in GRADIENTS:
        new, state = optimizer.stateless_apply(state, tensors(gradients), new)
    for value, right in zip(new, CASES["Adam"][1], strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(value), right, rtol=1e-5, atol=1e-5)
    assert int(ops.convert_to_numpy(state[0])) == STEPS
    for variable, value in zip((*trained, *optimizer.variables), before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_apply_gradients_takes_pairs(trainable_backend: Backend) -> None:
    v = Variable([1.0])
    assert int(SGD(1.0).apply_gradients([(ops.ones(1), v)])) == 1
    assert v.numpy().tolist() == [0.0]


class SignDescent(Optimizer):
    """Written in Keras's way: state made in `build`, assignments in `update_step`."""

    def build(self, variables: Any) -> None:
        if not self.built:
            super().build(variables)
            self.counts = {v.path: self.add_variable_from_reference(v, "count") for v in variables}

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        self.assign_add(self.counts[variable.path], ops.ones_like(gradient))
        self.assign_sub(variable, learning_rate * ops.sign(gradient))


@pytest.mark.parametrize("steps", [None, 2])
def test_subclass_in_the_way_of_keras(steps: int | None, trainable_backend: Backend) -> None:
    v = Variable([1.0, 1.0], name="v")
    optimizer = SignDescent(0.25, weight_decay=0.5, gradient_accumulation_steps=steps, name="o")
    for _ in range(steps or 1):
        optimizer.apply(tensors([np.array([3.0, -4.0], "float32")]), [v])
    # first the decay by 1 - 0.5 * 0.25, then the step
    assert v.numpy().tolist() == [0.625, 1.125]
    assert optimizer.variables[-1].path == "o/v_count"
    assert optimizer.variables[-1].numpy().tolist() == [1.0, 1.0]


def test_update_step_changes_one_variable(trainable_backend: Backend) -> None:
    v, w = Variable([1.0]), Variable([1.0])
    optimizer = SGD(1.0, momentum=0.5)
    optimizer.build([v, w])
    optimizer.update_step(ops.ones(1), w, ops.convert_to_tensor(0.5))
    assert [v.numpy().tolist(), w.numpy().tolist()] == [[1.0], [0.5]]
    assert optimizer.variables[-1].numpy().tolist() == [-0.5]


def test_belongs_to_the_backend_of_what_it_trains(trainable_backend: Backend) -> None:
    with backend_scope("numpy"):
        optimizer = Adam(0.5)
    v = Variable([1.0])
    with backend_scope("numpy"):
        optimizer.apply([np.ones(1, "float32")], [v])
    assert {variable.backend for variable in optimizer.variables} == {get_backend(trainable_backend.name)}
    np.testing.assert_allclose(v.numpy(), [0.5], atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"clipnorm": 1.0, "clipvalue": 1.0}, "clipnorm=1.0, clipvalue=1.0.*only one"),
        ({"clipnorm": -1.0}, "clipnorm=-1.0.*not negative"),
        ({"weight_decay": "a"}, "weight_decay='a'"),
        ({"use_ema": True, "ema_momentum": 2}, "ema_momentum=2"),
        ({"ema_overwrite_frequency": 0}, "ema_overwrite_frequency=0"),
        ({"gradient_accumulation_steps": 1}, "gradient_accumulation_steps=1.*at least 2"),
        ({"learning_rate": "fast"}, "learning_rate='fast'"),
        ({"momentum": 2}, "momentum=2"),
        ({"speed": 1}, r"unexpected arguments \['speed'\]"),
    ],
)
def test_arguments_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SGD(**options)


# -- learning rates ---------------------------------------------------------------------------------------------------

SCHEDULES: list[tuple[schedules.LearningRateSchedule, Callable[[int], float]]] = [
    (ExponentialDecay(0.1, 7, 0.5), lambda s: 0.1 * 0.5 ** (s / 7)),
    (ExponentialDecay(0.1, 7, 0.5, staircase=True), lambda s: 0.1 * 0.5 ** (s // 7)),
    (InverseTimeDecay(0.1, 5, 0.5), lambda s: 0.1 / (1 + 0.5 * s / 5)),
    (InverseTimeDecay(0.1, 5, 0.5, staircase=True), lambda s: 0.1 / (1 + 0.5 * (s // 5))),
    (PolynomialDecay(0.1, 6, 0.01, power=2.0), lambda s: 0.09 * (1 - min(s, 6) / 6) ** 2 + 0.01),
    (PolynomialDecay(0.1, 6, 0.01, cycle=True), lambda s: 0.09 * (1 - s / (6 * max(1, math.ceil(s / 6)))) + 0.01),
    (PiecewiseConstantDecay([3, 6], [1.0, 0.5, 0.25]), lambda s: 1.0 if s <= 3 else 0.5 if s <= 6 else 0.25),
    (CosineDecay(0.1, 10, alpha=0.1), lambda s: 0.1 * (0.9 * (1 + math.cos(math.pi * min(s, 10) / 10)) / 2 + 0.1)),
    (
        CosineDecay(0.1, 10, warmup_target=0.5, warmup_steps=5),
        lambda s: 0.1 + 0.4 * s / 5 if s < 5 else 0.5 * (1 + math.cos(math.pi * min(s - 5, 10) / 10)) / 2,
    ),
    (
        CosineDecayRestarts(0.1, 4),
        # waves of 4, 8 and 16 steps
        lambda s: 0.05 * (1 + math.cos(math.pi * (s / 4 if s < 4 else (s - 4) / 8 if s < 12 else (s - 12) / 16))),
    ),
    (
        CosineDecayRestarts(0.1, 4, t_mul=1.0, m_mul=0.5, alpha=0.2),
        lambda s: 0.1 * (0.8 * 0.5 ** (s // 4) * (1 + math.cos(math.pi * (s % 4) / 4)) / 2 + 0.2),
    ),
]


@pytest.mark.parametrize(("schedule", "formula"), SCHEDULES, ids=lambda case: getattr(case, "name", ""))
def test_schedule_agrees_with_its_formula(schedule: Any, formula: Callable[[int], float], backend: Backend) -> None:
    again = schedules.deserialize(schedules.serialize(schedule))
    for step in range(20):
        rate = schedule(ops.convert_to_tensor(step))
        assert ops.convert_to_numpy(rate).dtype == np.float32
        assert float(ops.convert_to_numpy(rate)) == pytest.approx(formula(step), rel=1e-5, abs=1e-7)
        assert float(ops.convert_to_numpy(again(step))) == float(ops.convert_to_numpy(rate))


@pytest.mark.parametrize(
    "make",
    [
        lambda: ExponentialDecay(0.1, 0, 0.5),
        lambda: InverseTimeDecay(0.1, -1, 0.5),
        lambda: PolynomialDecay(0.1, 0),
        lambda: CosineDecay(0.1, 0),
        lambda: CosineDecayRestarts(0.1, 0),
    ],
)
def test_number_of_steps_must_be_positive(make: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"decay_steps=(0|-1)\): expected a positive number of steps"):
        make()


def test_pieces_and_boundaries_must_fit() -> None:
    with pytest.raises(ValueError, match="got 1 values and 1 boundaries"):
        PiecewiseConstantDecay([3], [1.0])
    with pytest.raises(ValueError, match="expected increasing steps"):
        PiecewiseConstantDecay([3, 3], [1.0, 2.0, 3.0])


def test_rate_follows_a_schedule_of_the_steps_taken(trainable_backend: Backend) -> None:
    optimizer, v = SGD(PiecewiseConstantDecay([0], [1.0, 10.0])), Variable([0.0])
    for _ in range(2):
        optimizer.apply([ops.ones(1)], [v])
    assert v.numpy().tolist() == [-11.0]
    with pytest.raises(TypeError, match=r"follows .* and cannot be set to 0.5"):
        optimizer.learning_rate = 0.5
    optimizer.learning_rate = PiecewiseConstantDecay([0], [0.0, 2.0])
    assert float(ops.convert_to_numpy(optimizer.learning_rate)) == 2.0


def test_rate_may_be_a_callable_or_a_variable(trainable_backend: Backend) -> None:
    v, shared = Variable([0.0]), Variable(1.0, name="shared")
    optimizer = SGD(shared)
    assert optimizer.learning_rate is shared
    assert any(variable is shared for variable in optimizer.variables)
    optimizer.apply([ops.ones(1)], [v])
    optimizer.learning_rate = lambda: 10.0
    optimizer.apply([ops.ones(1)], [v])
    assert v.numpy().tolist() == [-11.0]


# -- steps that backends take by themselves ---------------------------------------------------------------------------

NATIVE: dict[str, Callable[[], Optimizer]] = {
    "adam": lambda: Adam(RATE, beta_1=0.8, epsilon=1e-3),
    "amsgrad": lambda: Adam(RATE, amsgrad=True, weight_decay=0.1),
    "adamw": lambda: AdamW(schedules.ExponentialDecay(RATE, 3, 0.5), global_clipnorm=1.0),
    "average": lambda: Adam(RATE, use_ema=True, ema_overwrite_frequency=2),
    "accumulating": lambda: Adam(RATE, gradient_accumulation_steps=2),
    "sgd": lambda: SGD(RATE, weight_decay=0.1),
    "momentum": lambda: SGD(RATE, momentum=0.9),
    "nesterov": lambda: SGD(RATE, momentum=0.9, nesterov=True),
}


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("make", NATIVE.values(), ids=NATIVE)
def test_a_native_step_is_that_of_the_formula(
    make: Callable[[], Optimizer], dtype: str, trainable_backend: Backend
) -> None:
    results = []
    with trainable_backend.float64_scope():
        for native in (True, False):
            optimizer, trained = make(), variables(dtype)
            if not native:
                optimizer.native_step = None  # type: ignore[misc]  # for this one alone
            for arrays in GRADIENTS[:5]:
                # as products give them, rows and columns are swapped in memory
                turned = [ops.transpose(ops.convert_to_tensor(x.T.astype(dtype))) for x in arrays]
                optimizer.apply(turned, trained)
            results.append([v.numpy().astype("float64") for v in (*trained, *optimizer.variables)])
    tolerance = {"float32": 1e-6, "float64": 1e-7, "float16": 2e-3}[dtype]
    for found, expected in zip(*results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def test_a_native_step_leaves_what_is_kept_apart_alone(trainable_backend: Backend) -> None:
    optimizer, trained = Adam(RATE), variables()
    optimizer.build(trained)
    before = [v.value for v in (*trained, *optimizer.variables)]
    copies = [np.array(ops.convert_to_numpy(x)) for x in before]
    optimizer.stateless_apply(before[len(trained) :], tensors(GRADIENTS[0]), before[: len(trained)])
    for x, copy in zip(before, copies, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(x), copy)


def test_another_step_is_not_the_native_one() -> None:
    class Halved(Adam):
        def step(self, grad: Any, value: Any, state: Any, t: Any, rate: Any) -> Any:
            return super().step(grad, value, state, t, rate / 2)

    assert Adam.native_step is not None
    assert AdamW.native_step is Adam.native_step
    assert Halved.native_step is None
