"""Optimizers, ``keras.optimizers``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dl_ops.objects import Identifiers
from dl_train.optimizers import legacy, schedules
from dl_train.optimizers.adadelta import Adadelta
from dl_train.optimizers.adafactor import Adafactor
from dl_train.optimizers.adagrad import Adagrad
from dl_train.optimizers.adam import Adam, AdamW
from dl_train.optimizers.adamax import Adamax
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.ftrl import Ftrl
from dl_train.optimizers.lamb import Lamb
from dl_train.optimizers.lion import Lion
from dl_train.optimizers.loss_scale import LossScaleOptimizer
from dl_train.optimizers.multi import MultiOptimizer, OptimizerMap
from dl_train.optimizers.muon import Muon
from dl_train.optimizers.nadam import Nadam
from dl_train.optimizers.rmsprop import RMSprop
from dl_train.optimizers.schedule_free import ScheduleFreeAdamW
from dl_train.optimizers.sgd import SGD

_CLASSES: Final = (
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Lamb,
    Lion,
    LossScaleOptimizer,
    MultiOptimizer,
    Muon,
    Nadam,
    RMSprop,
    ScheduleFreeAdamW,
    SGD,
)
_identifiers: Final = Identifiers[Optimizer](
    "optimizer",
    {cls.__name__.lower(): cls for cls in _CLASSES},
    accepts=lambda obj: isinstance(obj, Optimizer),
    ignore_case=True,
)


def get(identifier: Any) -> Optimizer | None:
    """Optimizer for a name, a config, a class or an optimizer.

    Parameters
    ----------
    identifier : str, dict, type or Optimizer
        Names are compared in lower case; ``None`` gives ``None``.

    Returns
    -------
    Optimizer or None

    Raises
    ------
    ValueError
        If the name is unknown, with the names that are nearest, or `identifier` is none of these.

    Examples
    --------
    >>> get("adam").get_config()["beta_1"]
    0.9
    """
    return _identifiers.get(identifier)


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """Config of an optimizer.

    Parameters
    ----------
    optimizer : Optimizer

    Returns
    -------
    dict

    Examples
    --------
    >>> serialize(SGD())["class_name"]
    'SGD'
    """
    return _identifiers.serialize(optimizer)  # type: ignore[no-any-return]  # a dictionary for what is no function


def deserialize(config: Mapping[str, Any] | str, custom_objects: Mapping[str, Any] | None = None) -> Optimizer:
    """Optimizer of a config.

    Parameters
    ----------
    config : dict or str
        What `serialize` returned, or a name.
    custom_objects : mapping from name to class, optional

    Returns
    -------
    Optimizer

    Raises
    ------
    ValueError, TypeError
        If the config describes no optimizer.

    Examples
    --------
    >>> deserialize(serialize(SGD(momentum=0.5))).momentum
    0.5
    """
    return _identifiers.deserialize(config, custom_objects)


__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "legacy",
    "schedules",
    "serialize",
]
