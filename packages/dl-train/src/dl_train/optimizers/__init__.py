"""Optimizers, ``keras.optimizers``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dl_ops.objects import Identifiers
from dl_train.optimizers import schedules
from dl_train.optimizers.adam import Adam, AdamW
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.sgd import SGD

_identifiers: Final = Identifiers[Optimizer](
    "optimizer",
    {cls.__name__.lower(): cls for cls in (Adam, AdamW, SGD)},
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


__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "deserialize", "get", "schedules", "serialize"]
