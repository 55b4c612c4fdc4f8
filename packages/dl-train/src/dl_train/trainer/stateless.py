"""A call of a model and its loss as a pure function of the values of its variables, as loops written in JAX need it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable

if TYPE_CHECKING:
    from dl_train.models.model import Model

Values = Sequence[Any]


def loss_and_updates(
    model: Model, given: Sequence[Values], batch: tuple[Any, Any, Any], training: bool, optimizer_variables: Any
) -> tuple[Any, tuple[Any, Any, list[Any], list[Any]]]:
    """What `Model.compute_loss_and_updates` gives.

    Parameters
    ----------
    model : Model
    given : sequence
        Values of the trainable, non-trainable and metrics' variables.
    batch : tuple
        Inputs, targets and weights.
    training : bool
    optimizer_variables : sequence of tensor, optional
    """
    x, y, sample_weight = batch
    owners: dict[str, list[Variable]] = {
        "trainable_variables": model.trainable_variables,
        "non_trainable_variables": model.non_trainable_variables,
        "metrics_variables": model.metrics_variables,
    }
    pairs: list[tuple[Variable, Any]] = []
    for (name, variables), values in zip(owners.items(), given, strict=True):
        pairs += _paired(name, variables, values)
    if optimizer_variables is not None and model.optimizer is not None:
        pairs += _paired("optimizer_variables", model.optimizer.variables, optimizer_variables)
    with StatelessScope(pairs) as scope:
        y_pred = model._call_in_mode(x, training=training)
        loss = model.compute_loss(x, y, y_pred, sample_weight, training=training)
        scaled = loss if model.optimizer is None else model.optimizer.scale_loss(loss)
    after = [[scope.get_current_value(v) for v in owners[name]] for name in list(owners)[1:]]
    return scaled, (loss, y_pred, after[0], after[1])


def _paired(name: str, variables: Sequence[Variable], values: Values) -> list[tuple[Variable, Any]]:
    if len(values) != len(variables):
        raise ValueError(
            f"compute_loss_and_updates(): got {len(values)} values of {name}, the model has {len(variables)} of these"
        )
    return list(zip(variables, values, strict=True))
