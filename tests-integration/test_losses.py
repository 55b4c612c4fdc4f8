"""Every loss of the table on the backend of this environment; the package's own tests run it on NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_ops import ops
from dl_ops.autodiff import value_and_grad
from dl_ops.backend import Backend
from dl_ops.testing.sampling import first_of_each, in_sample
from dl_train import losses
from dl_train.testing.loss_cases import CASES
from dl_train.testing.losses import CHECKS, LossCase, run, to_array

pytestmark = pytest.mark.each_backend_alone

FIRST = first_of_each(CASES, lambda case: case.name)
ONE_IN = {"masks": 6, "order": 6, "parts": 6, "config": 12, "mixed_precision": 6, "symbolic": 6}
"""Of how many cases one is put to a check, beside the first of each loss; all with ``--exhaustive``."""
ONE_IN_OF_JAX = {"value": 2, "reductions": 8, "gradient": 4, "compiled": 8}
"""The same where everything is compiled first, and the first of each loss is put to the others only by chance."""


def chosen(check: str, case: LossCase, backend: str) -> bool:
    on_jax = backend == "jax"
    always = case in FIRST and not (on_jax and check in ONE_IN)
    return always or in_sample(case, {**ONE_IN, **(ONE_IN_OF_JAX if on_jax else {})}.get(check, 1))


@pytest.mark.sampled(by=chosen)
@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: LossCase, backend: Backend) -> None:
    CHECKS[check](case, backend)


# -- classes that do not exist, of which frameworks make 0, an error, or a number from other memory -------------------

P = np.full((4, 3), 1 / 3, "float32")
CLASSES = np.array([0, 3, -1, -100], "int32")
LABELS = np.array([[1, 0], [3, 0], [-1, 1], [0, 2]], "int32")
LOGITS = np.zeros((4, 4, 3), "float32")
OF_CLASSES: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    "probabilities": (losses.SparseCategoricalCrossentropy(reduction="none"), CLASSES, P),
    "logits": (losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none"), CLASSES, P),
    "int64": (losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none"), CLASSES.astype("int64"), P),
    "floats": (
        losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none"),
        np.array([0, 1.5, np.nan, 3], "float32"),
        P,
    ),
    "generalized": (losses.CategoricalGeneralizedCrossEntropy(reduction="none"), CLASSES, P),
    "sequences": (losses.CTC(reduction="none"), LABELS, LOGITS),
}


@pytest.mark.parametrize("name", OF_CLASSES)
def test_a_class_that_does_not_exist_has_no_number_for_a_loss(name: str, backend: Backend) -> None:
    loss, y_true, y_pred = OF_CLASSES[name]
    target, output = backend.to_tensor(y_true), backend.to_tensor(y_pred)
    compiled = backend.compile_step(lambda t, p: loss(t, p), [], jit=backend.name != "torch")
    for call in (loss, compiled):
        assert np.isnan(to_array(call(target, output))).tolist() == [False, True, True, True]


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("ignored", [-1, 255])
def test_a_class_that_is_ignored_need_not_exist(ignored: int, from_logits: bool, trainable_backend: Backend) -> None:
    loss = losses.SparseCategoricalCrossentropy(from_logits, ignore_class=ignored)
    classes = trainable_backend.to_tensor(np.array([0, ignored, 2, ignored], "int32"))
    value, gradient = run(trainable_backend, lambda p: value_and_grad(lambda p: loss(classes, p))(p), P)
    assert float(to_array(value)) == pytest.approx(np.log(3), rel=1e-5)
    slopes = to_array(gradient)
    assert np.all(slopes[[1, 3]] == 0.0)
    assert np.all(np.abs(slopes[[0, 2]]).sum(1) > 0.1)


@pytest.mark.parametrize(
    ("make", "y_true", "y_pred"),
    [
        (lambda: losses.BinaryFocalCrossentropy(gamma=0.5), [[1.0, 0.0]], [[1.0, 0.0]]),
        (lambda: losses.BinaryFocalCrossentropy(gamma=0.5, from_logits=True), [[1.0, 0.0]], [[1e3, -1e3]]),
        (lambda: losses.BinaryFocalCrossentropy(from_logits=True), [[1.0, 0.0]], [[-1e3, 1e3]]),
        (lambda: losses.CategoricalFocalCrossentropy(gamma=0.5), [[1.0, 0.0]], [[1.0, 0.0]]),
        (lambda: losses.CategoricalFocalCrossentropy(gamma=0.5, from_logits=True), [[1.0, 0.0]], [[-1e3, 1e3]]),
        (lambda: losses.CategoricalGeneralizedCrossEntropy(0.1), np.array([1], "int32"), [[1.0, 0.0]]),
        (lambda: losses.CosineSimilarity(), [[1.0, 0.0]], [[0.0, 0.0]]),
        (lambda: losses.KLDivergence(), [[1.0, 0.0]], [[0.0, 1.0]]),
        (lambda: losses.LogCosh(), [[1e4, 0.0]], [[-1e4, 0.0]]),
        (lambda: losses.Huber(), [[0.0, 0.0]], [[1e30, 0.0]]),
        (lambda: losses.Dice(), [[0.0, 0.0]], [[0.0, 0.0]]),
        (lambda: losses.Circle(), np.array([0, 1, 1], "int32"), [[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]),
        (lambda: losses.Circle(), np.array([0, 0], "int32"), [[1.0, 0.0], [0.0, 1.0]]),
        (lambda: losses.CTC(reduction="none"), np.array([[1, 1]], "int32"), np.zeros((1, 2, 3))),
    ],
)
def test_gradients_are_finite_at_extremes(make: Any, y_true: Any, y_pred: Any, trainable_backend: Backend) -> None:
    loss = make()
    y_true = np.asarray(y_true, None if isinstance(y_true, np.ndarray) else "float32")
    target = trainable_backend.to_tensor(y_true)
    slope = run(
        trainable_backend,
        lambda p: value_and_grad(lambda p: ops.sum(loss(target, p)))(p)[1],
        np.array(y_pred, "float32"),
    )
    assert np.all(np.isfinite(to_array(slope)))
