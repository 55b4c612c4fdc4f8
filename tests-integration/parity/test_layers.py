"""Layers beside Keras's own: with the same weights, the same outputs, gradients, moving statistics and
configurations.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

import dl
from dl_layers.testing import LayerCase, cases
from dl_ops.testing.sampling import first_of_each, in_sample

# Keras's variables are of the older protocol
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

# what Keras gets wrong: values of another size than keys in its JAX attention, masked steps of an unrolled loop, which
# repeat the output before whatever zero_output_for_mask says, a causal mask along another axis than the first, and a
# mask of queries that is given and not carried by the tensor, which it forgets
_WRONG_IN_KERAS = (
    {"value_dim"},
    {"zero_output_for_mask", "unroll"},
    {"attention_axes", "use_causal_mask"},
    {"num_heads", "query_mask"},
    # masked steps before the first that counts are zero, but on JAX the state that the loop began with
    {"units", "mask", "initial_state"},
    # states of cells one above the other cannot be reset
    {"cell", "stateful"},
    # a mask of steps with images fails: it is not broadcast over their axes
    {"filters", "mask"},
)
# arguments that Keras leaves out of a configuration, or of the layer, so that they are lost
_LOST_BY_KERAS = {"SimpleRNN": ("seed", "activity_regularizer")}
CASES = [case for case in cases() if hasattr(keras.layers, case.recipe.name)]
COMPARED = [
    case
    for case in CASES
    if not case.random and not any(wrong <= case.recipe.options.keys() | case.call.keys() for wrong in _WRONG_IN_KERAS)
]


FIRST = first_of_each(COMPARED, lambda case: case.recipe.name)
ONE_IN = 4
"""Of how many configurations one is compared, beside the first of each layer; all with ``--exhaustive``: JAX compiles
every op of each, of ours and of Keras's.
"""


# one case of each layer: its others differ in what the outputs show
_WITH_WEIGHTS = [case for case in COMPARED if case.gradient and case.weights and "stateful" not in case.recipe.options]
DIFFERENTIATED = first_of_each(_WITH_WEIGHTS, lambda case: case.recipe.name)


@pytest.fixture(autouse=True)
def _on_jax() -> Any:
    assert keras.backend.backend() == "jax"
    with dl.backend_scope("jax"):
        yield


def pair(case: LayerCase) -> tuple[Any, Any]:
    """Our layer and Keras's, built by one call, with equal weights of which no two are alike."""
    keras.backend.clear_session(free_memory=False)
    dl.backend.clear_session(free_memory=False)
    ours, theirs = case.recipe.make(dl.layers), case.recipe.make(keras.layers)
    args, call = case.arguments("float32")
    ours(*args, **call)
    theirs(*args, **call)
    generator = np.random.default_rng(2)
    weights = []
    for weight in theirs.get_weights():
        drawn = generator.uniform(0.1, 0.9, weight.shape)
        weights.append(drawn.astype(weight.dtype) if weight.dtype.kind == "f" else weight)
    ours.set_weights(weights)
    theirs.set_weights(weights)
    if getattr(ours, "stateful", False):
        ours.reset_states()
        theirs.reset_states()
    return ours, theirs


def kept(layer: Any) -> Any:
    """Configuration of a layer, without what Keras's lacks, as JSON has it."""
    config = layer.get_config()
    for name in _LOST_BY_KERAS.get(type(layer).__name__, ()):
        config.pop(name, None)
    return plain(config)


def plain(config: Any) -> Any:
    """A configuration as JSON has it, numbers rounded to what Keras's float32 factors of regularizers keep."""
    if isinstance(config, dict):
        return {name: plain(value) for name, value in config.items()}
    if isinstance(config, (list, tuple)):
        return [plain(value) for value in config]
    return float(np.float32(config)) if isinstance(config, float) else config


def arrays(structure: Any) -> list[np.ndarray]:
    """Flat list of outputs."""
    return [np.asarray(x, dtype="float64") for x in jax.tree_util.tree_leaves(structure)]


def assert_alike(found: Any, expected: Any) -> None:
    """Compare structures of outputs."""
    ours, theirs = arrays(found), arrays(expected)
    assert [x.shape for x in ours] == [x.shape for x in theirs]
    for x, y in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-5, atol=1e-5)


@pytest.mark.sampled(by=lambda case: case in FIRST or in_sample(case, ONE_IN))
@pytest.mark.parametrize("case", COMPARED, ids=str)
def test_names_outputs_and_updated_statistics_equal_those_of_keras(case: LayerCase) -> None:
    ours, theirs = pair(case)
    described = [[(w.path, tuple(w.shape), w.trainable) for w in layer.weights] for layer in (ours, theirs)]
    assert described[0] == described[1]
    args, call = case.arguments("float32")
    assert_alike(ours(*args, **call), theirs(*args, **call))
    assert_alike(ours.get_weights(), theirs.get_weights())


@pytest.mark.parametrize("case", DIFFERENTIATED, ids=str)
def test_gradients_equal_those_of_keras(case: LayerCase) -> None:
    ours, theirs = pair(case)
    args, call = case.arguments("float32")

    def loss_of(layer: Any, trained: Any, rest: Any) -> Any:
        outputs, _ = layer.stateless_call(trained, rest, *args, **call)
        leaves = [x for x in jax.tree_util.tree_leaves(outputs) if jax.numpy.issubdtype(x.dtype, jax.numpy.floating)]
        # weighted, as the sum of a normalized or softmaxed output does not depend on the weights
        return sum(jax.numpy.sum(x * jax.numpy.cos(jax.numpy.arange(x.size)).reshape(x.shape)) for x in leaves)

    found = []
    for layer in (ours, theirs):
        values = [
            [jax.numpy.asarray(np.asarray(v)) for v in part]
            for part in (layer.trainable_variables, layer.non_trainable_variables)
        ]
        found.append(jax.grad(lambda trained, layer=layer, rest=values[1]: loss_of(layer, trained, rest))(values[0]))
    for x, y in zip(*found, strict=True):
        np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_configurations_travel_both_ways(case: LayerCase) -> None:
    keras.backend.clear_session(free_memory=False)
    dl.backend.clear_session(free_memory=False)
    ours, theirs = case.recipe.make(dl.layers), case.recipe.make(keras.layers)
    assert kept(ours) == kept(theirs)
    assert kept(dl.layers.deserialize(keras.layers.serialize(theirs))) == kept(ours)
    assert kept(keras.layers.deserialize(dl.layers.serialize(ours))) == kept(theirs)
