"""Optimizers beside Keras's own: with the same gradients, the same variables after fifty steps, the same state under
the same names, and configurations and files that travel both ways.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

import dl
from dl_ops.backend import current_backend
from dl_ops.testing.sampling import first_of_each, in_sample
from dl_train.testing.optimizer_table import cases
from dl_train.testing.optimizers import PATHS, STEPS, OptimizerCase, gradients, start, train, variables

# Keras's variables are of the older protocol
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

# variables that Keras makes without saying what they are, where ours have a name: Nadam's product of momenta, which is
# "variable", and Adafactor's sums over rows and columns, which share the trained variable's name
_NAMELESS_IN_KERAS = ("momentum_product", "_row", "_column")
# deserialize() of Keras changes the class's name in the configuration that it is given, so that it gets a copy
# the first step's weight decay, which Keras's ScheduleFreeAdamW leaves out of the iterate: it is the paper's z, which
# begins as the variable and decays with it
COMPARED = [case for case in cases() if case.name != "ScheduleFreeAdamW" or not case.options.get("weight_decay")]
FIRST = first_of_each(cases(), lambda case: case.name)
ONE_IN = 4
"""Of how many cases one is compared, beside the first of each optimizer; all with ``--exhaustive``."""


@pytest.fixture(autouse=True)
def _on_jax() -> Any:
    assert keras.backend.backend() == "jax"
    with dl.backend_scope("jax"):
        yield


def pair(make: Any) -> tuple[Any, Any]:
    """An optimizer of ours and Keras's, of the same name though it is not given."""
    keras.backend.clear_session(free_memory=False)
    dl.backend.clear_session(free_memory=False)
    return make(dl.optimizers), make(keras.optimizers)


def theirs_of(values: list[np.ndarray]) -> list[Any]:
    """Variables of Keras with the paths of ours."""
    made = []
    for path, value in zip(PATHS, values, strict=True):
        scope, _, name = path.partition("/")
        with keras.name_scope(scope):
            made.append(keras.Variable(value, name=name))
    return made


def train_theirs(optimizer: Any, trained: list[Any], calls: range) -> None:
    """Apply gradients with one of Keras's optimizers, in a compiled step."""
    optimizer.build(trained)
    step = jax.jit(optimizer.stateless_apply)
    values, state = [v.value for v in trained], [v.value for v in optimizer.variables]
    for call in calls:
        values, state = step(state, gradients(call), values)
    for variable, value in zip([*trained, *optimizer.variables], [*values, *state], strict=True):
        variable.assign(value)


def compare(case: OptimizerCase, ours: Any, theirs: Any, own: list[Any], other: list[Any]) -> None:
    """Variables and all state are alike."""
    for v, w in zip(own, other, strict=True):
        np.testing.assert_allclose(v.numpy(), np.asarray(w), rtol=1e-5, atol=1e-5 * case.tolerance, err_msg=v.path)
    for v, w in zip(ours.variables, theirs.variables, strict=True):
        # Keras stores the product of Adafactor's two sums, too, and never reads it
        if case.name != "Adafactor" or len(v.shape) < 2 or not v.path.endswith("_velocity"):
            np.testing.assert_allclose(v.numpy(), np.asarray(w), rtol=1e-4, atol=1e-5 * case.tolerance, err_msg=v.path)


@pytest.mark.parametrize("case", COMPARED, ids=str)
def test_fifty_steps_give_what_they_give_in_keras(case: OptimizerCase, pytestconfig: pytest.Config) -> None:
    if not pytestconfig.getoption("exhaustive") and case not in FIRST and not in_sample(case, ONE_IN):
        pytest.skip(f"one case in {ONE_IN} is compared, all with --exhaustive")
    ours, theirs = case.make(), case.make(keras.optimizers)
    own, other = variables(), theirs_of(start())
    train(ours, own, range(STEPS), compiled=current_backend())
    train_theirs(theirs, other, range(STEPS))
    described = [[(v.path, tuple(v.shape), v.dtype) for v in optimizer.variables] for optimizer in (ours, theirs)]
    for mine, his in zip(*described, strict=True):
        assert mine[1:] == his[1:]
        assert mine[0] == his[0] or mine[0].endswith(_NAMELESS_IN_KERAS)
    compare(case, ours, theirs, own, other)


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_state_travels_both_ways(case: OptimizerCase) -> None:
    ours, theirs = case.make(), case.make(keras.optimizers)
    own, other = variables(), theirs_of(start())
    train(ours, own, range(3), compiled=current_backend())
    train_theirs(theirs, other, range(3))
    into_theirs: dict[str, Any] = {}
    into_ours: dict[str, Any] = {}
    ours.save_own_variables(into_theirs)
    theirs.save_own_variables(into_ours)
    theirs = case.make(keras.optimizers)
    theirs.build(other)
    theirs.load_own_variables(into_theirs)
    ours.load_own_variables({key: np.asarray(value) for key, value in into_ours.items()})
    train(ours, own, range(3, 6), compiled=current_backend())
    train_theirs(theirs, other, range(3, 6))
    compare(case, ours, theirs, own, other)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_configurations_travel_both_ways(case: OptimizerCase) -> None:
    ours, theirs = case.make(), case.make(keras.optimizers)
    config = dl.optimizers.serialize(ours)
    assert config == keras.optimizers.serialize(theirs)
    assert dl.optimizers.serialize(dl.optimizers.deserialize(keras.optimizers.serialize(theirs))) == config
    # for the name "Lamb" Keras's deserialize gives the name
    if case.name != "Lamb":
        assert keras.optimizers.serialize(keras.optimizers.deserialize(copy.deepcopy(config))) == config


# -- optimizers that leave the updates to others --

WRAPPED = {
    "scaled": lambda o: o.LossScaleOptimizer(o.Adam(0.05), initial_scale=8.0, dynamic_growth_steps=3),
    "several": lambda o: o.MultiOptimizer(
        o.OptimizerMap(o.SGD(0.05, momentum=0.9), {".*kernel": o.Adam(0.05)}), loss_scale_factor=2.0
    ),
}


@pytest.mark.parametrize("make", WRAPPED.values(), ids=WRAPPED)
def test_wrapping_optimizers_do_what_they_do_in_keras(make: Any) -> None:
    ours, theirs = pair(make)
    own, other = variables(), theirs_of(start())
    train(ours, own, range(10), compiled=current_backend())
    train_theirs(theirs, other, range(10))
    described = [[(v.path, tuple(v.shape), v.dtype) for v in optimizer.variables] for optimizer in (ours, theirs)]
    assert described[0] == described[1]
    compare(OptimizerCase("Adam"), ours, theirs, own, other)
    config = dl.optimizers.serialize(ours)
    assert config == keras.optimizers.serialize(theirs)
    assert dl.optimizers.serialize(dl.optimizers.deserialize(config)) == config
    assert keras.optimizers.serialize(keras.optimizers.deserialize(copy.deepcopy(config))) == config


def model_of(namespace: Any, optimizer: Any) -> Any:
    """A small model that has been trained for a few steps."""
    layers = namespace.layers
    model = namespace.Sequential([layers.Input((3,)), layers.Dense(4, name="a"), layers.Dense(2, name="b")], name="m")
    model.compile(optimizer, "mse")
    model.fit(np.ones((8, 3), "float32"), np.ones((8, 2), "float32"), batch_size=4, verbose=0)
    return model


@pytest.mark.parametrize(
    "make", [*WRAPPED.values(), lambda o: o.Nadam(0.05), lambda o: o.Adafactor(0.05), lambda o: o.Muon(0.05)]
)
@pytest.mark.parametrize("back", [False, True], ids=["to Keras", "from Keras"])
def test_models_travel_with_their_optimizer(make: Any, back: bool, tmp_path: Path) -> None:
    first, second = (keras, dl) if back else (dl, keras)
    model = model_of(first, make(first.optimizers))
    model.save(tmp_path / "m.keras")
    loaded = second.models.load_model(tmp_path / "m.keras")
    for v, w in zip(model.optimizer.variables, loaded.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(v), np.asarray(w))
