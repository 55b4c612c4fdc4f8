"""Metrics beside Keras's own: the same variables, results and configurations.

What Keras gets wrong, and is not compared:

- IoU has integers as its default dtype, which cuts weights down to whole numbers, so that 0.9 counts as nothing; here
  the default is the default float, as for all metrics. With a dtype given, both are compared.
- Weights of AUC's labels are a tensor in its configuration, which JSON cannot hold.
- The axis of an overlap's scores is also that of a sum over the matrix in its result, which fails for another than -1.
- Adjusted R2 counts numbers, not samples: of 5 samples with 3 outputs it takes 15.
- R2 of targets that are all the same is NaN if the predictions are exact.
- `CosineSimilarity` leaves its axis out of its configuration.
- F-scores without a threshold count every class that ties for the highest, and none for predictions below 1e-9.
- Pearson's correlation is NaN where targets or predictions are all the same, for ever after in the mean.
- Counts, F-scores, R2, IoU and RootMeanSquaredError do not look at the mask of predictions.
- Precision and recall of a `class_id` refuse weights of each class.
- A sequence of thresholds that is a tuple is refused.
"""

from __future__ import annotations

import json
import os
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import inspect

import jax
import keras
import numpy as np
import pytest

import dl
from dl_layers.testing import Recipe
from dl_train.testing.metric_table import BINARY, CASES, CLASSES, LABELS, NEAR, NUMBERS, PREDICTED, PROBABILITIES
from dl_train.testing.metrics import WEIGHTS, MetricCase, in_single

# Keras's classes are 64-bit integers, which JAX has not
pytestmark = pytest.mark.filterwarnings("ignore:Explicitly requested dtype")

# its row gives a function of ours
COMPARED = [case for case in CASES if case.recipe.name != "MeanMetricWrapper"]
_LOST_BY_KERAS = {"CosineSimilarity": {"axis"}}


@pytest.fixture(autouse=True)
def _on_numpy() -> Any:
    with dl.backend_scope("numpy"):
        yield


def pair(recipe: Recipe) -> tuple[Any, Any]:
    """Our metric and Keras's."""
    return recipe.make(dl.metrics, name="mine"), recipe.make(keras.metrics, name="mine")


def plain(config: Any) -> Any:
    """A configuration as JSON has it, with lists for tensors."""
    return json.loads(json.dumps(config, default=lambda x: np.asarray(x).tolist()))


def compare(ours: Any, theirs: Any, *batch: Any) -> None:
    """Update both with a batch and compare results and variables. Keras's runs compiled, as JAX would compile every op
    for itself.
    """

    def run(*args: Any) -> Any:
        after = theirs.stateless_update_state(theirs.stateless_reset_state(), *args)
        return after, theirs.stateless_result(after)

    # creates what variables the shapes tell
    keras.src.backend.compute_output_spec(theirs.update_state, *(keras.KerasTensor(x.shape, x.dtype) for x in batch))
    # the adjustment of R2 looks at the number of samples
    variables, result = (run if getattr(theirs, "num_regressors", 0) else jax.jit(run))(*batch)
    ours.update_state(*batch)
    assert [(v.path, v.shape) for v in ours.variables] == [(v.path, tuple(v.shape)) for v in theirs.variables]
    if type(ours).__name__ == "R2Score":
        ours.num_samples.assign(ours.num_samples.value * batch[1].shape[1])
    for x, y in zip(ours.variables, variables, strict=True):
        np.testing.assert_allclose(x.numpy(), np.asarray(y), rtol=1e-5, atol=1e-5, err_msg=x.path)
    np.testing.assert_allclose(np.asarray(ours.result()), np.asarray(result), rtol=1e-5, atol=1e-5)


def weights_of(case: MetricCase) -> Any:
    """A weight for each sample; for overlaps for each place, as Keras takes no others."""
    weights = in_single(WEIGHTS)
    return np.repeat(weights[:, None], case.data[1].shape[1], axis=1) if case.recipe.name in _OVERLAPS else weights


_OVERLAPS = {"IoU", "MeanIoU", "BinaryIoU", "OneHotIoU", "OneHotMeanIoU"}


@pytest.mark.parametrize("case", [case for case in COMPARED if case.recipe.options.get("axis") != 1], ids=str)
def test_variables_results_and_configurations_equal_those_of_keras(case: MetricCase) -> None:
    ours, theirs = pair(case.recipe)
    config = plain(ours.get_config())
    for name in _LOST_BY_KERAS.get(case.recipe.name, ()):
        config.pop(name)
    assert config == plain(theirs.get_config())
    compare(ours, theirs, *(in_single(x) for x in case.data), weights_of(case))


@pytest.mark.parametrize("case", COMPARED, ids=str)
def test_each_reads_what_the_other_writes(case: MetricCase) -> None:
    ours, theirs = pair(case.recipe)
    from_theirs: Any = dl.metrics.deserialize(plain(keras.metrics.serialize(theirs)))
    from_ours: Any = keras.metrics.deserialize(plain(dl.metrics.serialize(ours)))
    assert (type(from_theirs), type(from_ours)) == (type(ours), type(theirs))
    assert plain(from_theirs.get_config()) == plain(ours.get_config())
    assert plain(from_ours.get_config()) == plain(theirs.get_config())


@pytest.mark.parametrize("name", sorted(keras.src.metrics.ALL_OBJECTS_DICT))
def test_names_are_those_of_keras(name: str) -> None:
    cls = keras.src.metrics.ALL_OBJECTS_DICT[name]
    required = [
        p for p in inspect.signature(cls).parameters.values() if p.default is p.empty and p.kind != p.VAR_KEYWORD
    ]
    if required or cls is keras.metrics.Metric:
        return  # nothing can be made of the name alone
    assert type(dl.metrics.get(name)).__name__ == cls.__name__


FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "binary_accuracy": (BINARY, PROBABILITIES, 0.3),
    "categorical_accuracy": (np.eye(4)[CLASSES], PROBABILITIES),
    "sparse_categorical_accuracy": (CLASSES, PROBABILITIES),
    "top_k_categorical_accuracy": (np.eye(4)[CLASSES], PROBABILITIES, 2),
    "sparse_top_k_categorical_accuracy": (CLASSES, PROBABILITIES, 3),
    "pearson_correlation": (NUMBERS, NEAR, 0),
    "concordance_correlation": (NUMBERS, NEAR, (0, 1)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_equal_those_of_keras(name: str) -> None:
    arguments = [in_single(x) if isinstance(x, np.ndarray) else x for x in FUNCTIONS[name]]
    found, expected = (np.asarray(getattr(module, name)(*arguments)) for module in (dl.metrics, keras.metrics))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_integers_as_dtype_of_overlaps() -> None:
    ours, theirs = pair(Recipe("MeanIoU", num_classes=4, dtype="int32"))
    compare(ours, theirs, LABELS, PREDICTED)
    assert ours.variables[0].dtype == theirs.variables[0].dtype == "int32"
    assert plain(ours.get_config()) == plain(theirs.get_config())


@pytest.mark.parametrize("shape", [(8,), (8, 1), (8, 4)])
@pytest.mark.parametrize("name", ["AUC", "Precision", "FalseNegatives"])
def test_weights_of_many_shapes(name: str, shape: tuple[int, ...]) -> None:
    weights = np.random.default_rng(1).uniform(0.5, 2.0, shape)
    compare(*pair(Recipe(name)), BINARY, in_single(PROBABILITIES), in_single(weights))


def test_names_and_options_left_to_their_defaults() -> None:
    keras.backend.clear_session(free_memory=False)
    dl.backend.clear_session(free_memory=False)
    required = {"num_classes": 3, "target_class_ids": [1], "specificity": 0.5, "sensitivity": 0.5}
    required |= {"precision": 0.5, "recall": 0.5}
    for name in sorted({case.recipe.name for case in COMPARED}):
        parameters = inspect.signature(getattr(keras.metrics, name)).parameters.values()
        options = {p.name: required[p.name] for p in parameters if p.default is p.empty}
        config, expected = (getattr(module, name)(**options).get_config() for module in (dl.metrics, keras.metrics))
        if name in _OVERLAPS:
            assert (config.pop("dtype"), expected.pop("dtype")) == ("float32", "int32")
        for lost in _LOST_BY_KERAS.get(name, ()):
            config.pop(lost)
        assert plain(config) == plain(expected)
