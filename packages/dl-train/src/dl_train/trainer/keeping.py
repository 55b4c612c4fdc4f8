"""Trying something with a model, and leaving it as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dl_ops.backend import backend_scope
from dl_ops.interchange import convert_to_numpy
from dl_ops.random import host_random_state, set_host_random_state
from dl_train.data import make_adapter, unpack_x_y_sample_weight
from dl_train.trainer.building import build_for
from dl_train.trainer.steps import state_of

if TYPE_CHECKING:
    from dl_train.data.adapter import Batch
    from dl_train.models.model import Model

_ATTRIBUTES: Final = ("stop_training", "stop_evaluating", "stop_predicting", "history")


def first_batch(
    owner: str,
    x: Any,
    y: Any = None,
    batch_size: int | None = None,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
) -> Batch:
    """First batch of what a model is given, as `Model.fit` takes it.

    Raises
    ------
    ValueError
        If there is none.
    """
    batch = make_adapter(x, y, sample_weight, batch_size, class_weight=class_weight).peek()
    if batch is None:
        raise ValueError(f"{owner}(): there is no data: not a single batch")
    return batch


def loss_of_step(model: Model, batch: Batch) -> float:
    """Train on a batch; its loss before that.

    Raises
    ------
    ValueError
        If the model's own ``train_step`` logs no loss.
    """
    x, y, sample_weight = unpack_x_y_sample_weight(batch)
    logs = model.train_on_batch(x, y, sample_weight, return_dict=True)
    if "loss" not in logs:
        raise ValueError(f"the steps of model {model.name!r} log {sorted(logs)}: there must be a loss")
    return float(logs["loss"])


@contextmanager
def keeping_state(model: Model, batch: Batch) -> Iterator[None]:
    """Put a model back afterwards, whatever happens.

    That is: its weights, the variables of its optimizer, metrics and seed generators, the generators of random numbers
    that programs draw from, and what loops set. What is not built yet is built first, and stays so.

    Parameters
    ----------
    model : Model
        Compiled.
    batch : tuple
        To build with.
    """
    with backend_scope(model._own_backend()):
        build_for(model, batch)
    variables = state_of(model, training=True)
    # copies: a compiled step may use the memory of what it replaces
    values = [np.array(convert_to_numpy(variable)) for variable in variables]
    random = host_random_state()
    attributes: dict[str, Any] = {name: getattr(model, name) for name in _ATTRIBUTES}
    try:
        yield
    finally:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        set_host_random_state(random)
        for name, value in attributes.items():
            setattr(model, name, value)
