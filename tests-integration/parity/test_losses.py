"""Every case of the losses' table beside Keras: values, reductions, gradients, configurations and names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

import dl
from dl_layers.layer.masks import set_mask
from dl_ops.testing.sampling import first_of_each, in_sample
from dl_train.losses import __all__ as public_names
from dl_train.testing.loss_cases import CASES
from dl_train.testing.losses import LossCase

FIRST = {case.name: case for case in first_of_each(CASES, lambda case: case.name)}


@pytest.fixture(autouse=True)
def on_jax() -> Iterator[None]:
    with dl.backend_scope("jax"):
        yield


FORGOTTEN = {"Huber": ("delta",), "CosineSimilarity": ("axis",), "SparseCategoricalCrossentropy": ("axis",)}
"""Arguments that Keras leaves out of configurations, so that a loss which is loaded has the default."""


def plain(config: Any) -> Any:
    """What a file has of a configuration."""
    return json.loads(json.dumps(config))


def last_axis(y: Any, rank: int) -> Any:
    """An array of so many axes with the classes, its second axis, as the last one; class numbers as they are."""
    return jax.numpy.moveaxis(y, 1, -1) if y.ndim == rank else y


def theirs(case: LossCase, **more: Any) -> Any:
    """Keras's loss for the arguments of a case."""
    options = dict(case.options)
    # along another axis it takes class numbers on PyTorch alone, and smooths targets over the last one's size
    of_classes = case.name.startswith("Sparse") or (
        case.name.startswith("Categorical") and "label_smoothing" in options
    )
    if of_classes and options.pop("axis", -1) == 1:
        loss = theirs(replace(case, options=options), **more)
        return lambda *pair, **weights: loss(*(last_axis(y, case.y_pred.ndim) for y in pair), **weights)
    if case.name == "CategoricalGeneralizedCrossEntropy" and case.y_true.ndim == case.y_pred.ndim:
        # an axis of size 1 behind class numbers it broadcasts against the samples
        loss = theirs(replace(case, y_true=case.y_true[..., 0]), **more)
        return lambda y_true, y_pred, **weights: loss(y_true[..., 0], y_pred, **weights)
    if case.name == "Tversky":
        # its alpha multiplies what the prediction lacks, its beta what it has too much, unlike its documentation says
        options["alpha"], options["beta"] = options.pop("beta", 0.5), options.pop("alpha", 0.5)
    return getattr(keras.losses, case.name)(**options, **more)


def both_weights(case: LossCase) -> tuple[Any, Any]:
    """Weights of the samples; Keras takes none for leading axes, and divides by the sum of those that it is given."""
    weights, losses = case.weights.astype("float32"), case.expected()
    if case.of_batch:
        return weights, weights
    return weights, np.broadcast_to(weights.reshape(-1, *(1,) * (losses.ndim - 1)), losses.shape)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_and_gradients_are_keras_s(case: LossCase, pytestconfig: pytest.Config) -> None:
    if case not in FIRST.values() and not in_sample(case, 1 if pytestconfig.getoption("exhaustive") else 3):
        pytest.skip("one case in 3 is put to this check, all with --exhaustive")
    y_true, y_pred = case.arguments("float32")
    weights, their_weights = both_weights(case)
    pair = {
        reduction: (case.make(reduction=reduction), theirs(case, reduction=reduction))
        for reduction in ("none", "sum_over_batch_size")
    }

    @jax.jit
    def compared(y_pred: Any) -> Any:
        losses = [loss(y_true, y_pred) for loss in pair["none"]]
        both = [
            jax.value_and_grad(lambda p, loss=loss, w=w: loss(y_true, p, sample_weight=w))(y_pred)
            for loss, w in zip(pair["sum_over_batch_size"], (weights, their_weights), strict=True)
        ]
        return losses, both

    (found, expected), ((value, gradient), (their_value, their_gradient)) = compared(y_pred)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(value, their_value, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(gradient, their_gradient, rtol=2e-5, atol=1e-5 * max(1.0, np.abs(their_gradient).max()))


@pytest.mark.parametrize("reduction", ["sum", "mean", "mean_with_sample_weight", "none", None])
@pytest.mark.parametrize("case", FIRST.values(), ids=str)
def test_reductions_are_keras_s(case: LossCase, reduction: str | None) -> None:
    arrays, (weights, their_weights) = case.arguments("float32"), both_weights(case)
    found = case.make(reduction=reduction)(*arrays, weights)
    expected = theirs(case, reduction=reduction)(*arrays, sample_weight=their_weights)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight", "none"])
@pytest.mark.parametrize("weighted", [False, True])
def test_masks_are_keras_s(reduction: str, weighted: bool) -> None:
    case = FIRST["MeanSquaredError"]
    y_true, y_pred = case.arguments("float32")
    weights = case.weights.astype("float32") if weighted else None
    mask = np.arange(len(y_pred)) % 3 != 1
    results = []
    for loss, setter in ((case.make, set_mask), (partial(theirs, case), keras.src.backend.set_keras_mask)):
        tensor = jax.numpy.asarray(y_pred)
        setter(tensor, jax.numpy.asarray(mask))
        results.append(loss(reduction=reduction)(y_true, tensor, sample_weight=weights))
    found, expected = results
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_configurations_travel_both_ways(case: LossCase) -> None:
    ours = case.make(reduction="sum", name="mine")
    other = getattr(keras.losses, case.name)(**case.options, reduction="sum", name="mine")
    config, their_config = (plain(dl.losses.serialize(ours)), plain(keras.losses.serialize(other)))
    for name in FORGOTTEN.get(case.name, ()):
        if name in case.options:
            assert config["config"].pop(name) == case.options[name]
    assert config == their_config
    assert type(dl.losses.deserialize(their_config)) is type(ours)
    if case.name == "CategoricalGeneralizedCrossEntropy":
        return  # of which Keras gives back the name
    there = keras.losses.deserialize(dl.losses.serialize(ours))
    assert type(there) is type(other)
    assert there.get_config() == other.get_config()
    if case.name in ("Huber", "CosineSimilarity"):
        y_true, y_pred = case.arguments("float32")
        np.testing.assert_allclose(there(y_true, y_pred), other(y_true, y_pred))


NAMES = [name for name in public_names if name not in ("LossFunctionWrapper", "get", "serialize", "deserialize")]
SHORT = ["bce", "kld", "mae", "mape", "mse", "msle"]


@pytest.mark.parametrize("name", [*NAMES, *SHORT, *(name.upper() for name in SHORT)])
def test_names_are_keras_s(name: str) -> None:
    ours: Any = dl.losses.get(name)
    if "generalized" in name.lower():
        return  # Keras does not find it by its name
    other = keras.losses.get(name)
    assert type(ours).__name__ == type(other).__name__
    assert getattr(ours, "__name__", None) == getattr(other, "__name__", None)
    if not isinstance(ours, dl.losses.Loss):
        assert dl.losses.serialize(ours) == keras.losses.serialize(other)


@pytest.mark.parametrize("name", [name for name in NAMES if name[0].islower() and hasattr(keras.metrics, name)])
def test_losses_that_keras_has_among_metrics_are_there(name: str) -> None:
    assert getattr(dl.metrics, name) is getattr(dl.losses, name)
    assert getattr(keras.metrics, name) is getattr(keras.losses, name)


def test_wrong_arguments_are_refused_where_keras_computes_something() -> None:
    y_true, y_pred = FIRST["Huber"].arguments("float32")
    assert keras.losses.Huber(delta=-1.0)(y_true, y_pred) < 0
    with pytest.raises(ValueError, match="delta=-1"):
        dl.losses.Huber(delta=-1.0)
    assert np.isfinite(keras.losses.BinaryCrossentropy(label_smoothing=3.0)(y_true > 0, y_pred > 0))
    with pytest.raises(ValueError, match="label_smoothing=3"):
        dl.losses.BinaryCrossentropy(label_smoothing=3.0)


def test_classes_that_do_not_exist_have_no_number_for_a_loss() -> None:
    classes, p = np.array([7, -1], "int32"), np.full((2, 3), 1 / 3, "float32")
    # 0 on JAX, an error on PyTorch, and NaN or an error on TensorFlow
    np.testing.assert_array_equal(keras.losses.sparse_categorical_crossentropy(classes, p), [0.0, 0.0])
    np.testing.assert_array_equal(dl.losses.sparse_categorical_crossentropy(classes, p), [np.nan, np.nan])
    labels, logits = np.array([[1, 9], [0, 2]], "int32"), np.zeros((2, 5, 3), "float32")
    assert np.all(np.isfinite(keras.losses.ctc(labels, logits)))
    np.testing.assert_array_equal(dl.losses.ctc(labels, logits), [np.nan, np.nan])


def test_a_single_class_is_warned_of() -> None:
    ones = np.ones((2, 1), "float32")
    for losses in (dl.losses, keras.losses):
        for name in ("categorical_crossentropy", "categorical_focal_crossentropy"):
            with pytest.warns(SyntaxWarning, match=name):
                getattr(losses, name)(ones, ones)


def test_certain_logits_have_a_gradient() -> None:
    # Keras takes focal losses from probabilities that it has kept off 0 and 1: a certain mistake is not corrected
    logits, targets = np.array([[-40.0], [40.0]], "float32"), np.array([[1.0], [0.0]], "float32")
    slopes = [
        np.asarray(jax.grad(lambda x, loss=loss: loss(targets, x))(logits))
        for loss in (
            dl.losses.BinaryFocalCrossentropy(from_logits=True),
            keras.losses.BinaryFocalCrossentropy(from_logits=True),
        )
    ]
    np.testing.assert_allclose(slopes[0], [[-0.5], [0.5]], rtol=1e-4)
    assert np.all(np.abs(slopes[1]) < 1e-6)
