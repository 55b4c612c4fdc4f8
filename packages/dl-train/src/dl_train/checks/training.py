"""All checks before a training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dl_ops import ops, tree
from dl_ops.backend import backend_scope
from dl_ops.interchange import convert_to_numpy
from dl_train.checks.findings import batch_findings, gradient_findings, leaves, loss_findings, output_findings
from dl_train.checks.report import Finding, Report
from dl_train.data.packing import unpack_x_y_sample_weight
from dl_train.trainer.keeping import first_batch, keeping_state, loss_of_step
from dl_train.trainer.steps import StepFunction

if TYPE_CHECKING:
    from dl_train.data.adapter import Batch
    from dl_train.models.model import Model

_STEPS: Final = 10
"""Steps on one batch after which its loss should be less."""


def check_training(
    model: Model,
    x: Any,
    y: Any = None,
    *,
    batch_size: int | None = None,
    validation_data: Any = None,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
) -> Report:
    """Look for what commonly keeps a model from learning, with one batch.

    Shapes and dtypes; NaN, constant and unscaled inputs; class numbers that the model does not have; a loss that
    expects probabilities and gets logits, or the reverse; targets beyond what the last activation can give; weights
    without gradient; a loss that does not fall on a single batch; validation data unlike those of the training.
    Model, optimizer and random numbers are afterwards as they were.

    Parameters
    ----------
    model : Model
        Compiled.
    x, y, batch_size, validation_data, sample_weight, class_weight
        As for `Model.fit`.

    Returns
    -------
    Report
        Printed, it is readable; its ``raise_errors()`` raises what it found.

    Raises
    ------
    ValueError
        If there is no data, or the model is not compiled.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers.core import Dense, Input
    >>> from dl_train import Sequential
    >>> model = Sequential([Input((2,), name="x"), Dense(3)])
    >>> model.compile("sgd", "sparse_categorical_crossentropy")
    >>> print(check_training(model, np.eye(2), np.array([0, 3])))  # doctest: +ELLIPSIS
    ✓ x          (2, 2) float32, from 0 to 1
    ✓ y          (2,) int64, from 0 to 3
    ✓ output     (2, 3) float32, from ... to ...
    ✗ loss       SparseCategoricalCrossentropy: class numbers go from 0 to 3, but the model has 3 classes, 0 to 2
    ✗ loss       SparseCategoricalCrossentropy expects probabilities, but outputs go from ...
    2 errors
    """
    model._check_compiled("check_training")
    batch = first_batch("check_training", x, y, batch_size, sample_weight, class_weight)
    report = Report()
    inputs, targets, weights = unpack_x_y_sample_weight(batch)
    for name, part in (("x", inputs), ("y", targets), ("sample_weight", weights)):
        report.extend(batch_findings(name, part))
    if not report.ok:
        return report
    try:
        with keeping_state(model, batch), backend_scope(model._own_backend()):
            report.extend(_model_findings(model, batch))
    except Exception as error:  # whatever it is, it is what the report is for
        report.add("error", "model", f"{type(error).__name__}: {error}")
    if validation_data is not None:
        report.extend(_validation_findings(batch, validation_data, batch_size))
    return report


def _model_findings(model: Model, batch: Batch) -> Iterator[Finding]:
    if not model.trainable_variables:
        yield Finding("error", "weights", "none is trainable")
        return
    x, y, _ = unpack_x_y_sample_weight(batch)
    outputs = model.predict_on_batch(x)
    found = list(_output_findings(model, y, outputs))
    yield from found
    if any(finding.level == "error" for finding in found):
        return
    yield from gradient_findings(_gradients(model, batch))
    losses = [loss_of_step(model, batch) for _ in range(_STEPS + 1)]
    change = f"of this batch from {losses[0]:.4g} to {losses[-1]:.4g} in {_STEPS} steps"
    if not np.isfinite(losses).all():
        yield Finding("error", "steps", f"the loss becomes {losses[-1]} on a single batch: lower the learning rate")
    elif losses[-1] < losses[0]:
        yield Finding("ok", "steps", f"the loss {change}")
    else:
        yield Finding("warning", "steps", f"the loss {change}: it does not fall; try another learning rate")


def _output_findings(model: Model, y: Any, y_pred: Any) -> Iterator[Finding]:
    outputs = dict(leaves(y_pred, ""))
    for name, output in outputs.items():
        yield from output_findings(name.lstrip("."), output)
    compiled = model._compile_loss
    if compiled is None or compiled._outputs is None:
        return
    structure = compiled._outputs
    targets, predictions, _ = structure.triples(y, y_pred, None)
    activation = _last_activation(model) if structure.single else ""
    for index, loss, *_ in compiled._terms:
        if targets[index] is not None:
            name = "" if structure.single else structure.names[index]
            target, output = convert_to_numpy(targets[index]), convert_to_numpy(predictions[index])
            yield from loss_findings(name, loss, target, output, activation)


def _last_activation(model: Model) -> str:
    layer = model.layers[-1] if model.layers else None
    activation = getattr(layer, "activation", None)
    return str(getattr(activation, "__name__", ""))


def _gradients(model: Model, batch: Batch) -> dict[str, Any]:
    variables = model.trainable_variables

    def step(data: Any) -> Any:
        x, y, sample_weight = unpack_x_y_sample_weight(data)

        def loss() -> Any:
            return model.compute_loss(x, y, model._call_in_mode(x, training=True), sample_weight)

        return ops.value_and_grad(loss, variables)()[1]

    gradients = StepFunction(model, step, training=True)(*batch)
    return {
        variable.path: None if gradient is None else convert_to_numpy(gradient)
        for variable, gradient in zip(variables, gradients, strict=True)
    }


def _validation_findings(batch: Batch, validation_data: Any, batch_size: int | None) -> Iterator[Finding]:
    if isinstance(validation_data, (tuple, list)):
        x, y, weights = unpack_x_y_sample_weight(tuple(validation_data))
        other = first_batch("check_training", x, y, batch_size, weights)
    else:
        other = first_batch("check_training", validation_data)
    found = [
        Finding("error", "validation", f"{finding.subject}: {finding.message}")
        for name, part in zip(("x", "y"), other, strict=False)
        for finding in batch_findings(name, part)
        if finding.level == "error"
    ]
    for name, ours, theirs in zip(("x", "y"), batch, other, strict=False):
        shapes = [[(leaf.shape[1:], str(leaf.dtype)) for _, leaf in leaves(part, name)] for part in (ours, theirs)]
        if shapes[0] != shapes[1]:
            found.append(
                Finding(
                    "warning", "validation", f"{name} is {shapes[1]} a sample, but {shapes[0]} in the training data"
                )
            )
    same = tree.flatten(batch[0]), tree.flatten(other[0])
    if all(np.array_equal(a, b) for a, b in zip(*same, strict=False)) and len(same[0]) == len(same[1]):
        found.append(Finding("warning", "validation", "its first batch is that of the training"))
    yield from found or [Finding("ok", "validation", "like the training data")]
