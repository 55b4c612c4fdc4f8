"""Losses, ``keras.losses``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from dl_ops.objects import Identifiers
from dl_train.losses.base import Loss, LossFunctionWrapper
from dl_train.losses.classes import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from dl_train.losses.functions import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)

_CLASSES: Final = (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    LossFunctionWrapper,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
_FUNCTIONS: Final = (
    binary_crossentropy,
    categorical_crossentropy,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)
_SHORT: Final = {"bce": binary_crossentropy, "mae": mean_absolute_error, "mse": mean_squared_error}

_identifiers: Final = Identifiers[Any](
    "loss",
    {
        **{loss.__name__: loss for loss in (*_CLASSES, *_FUNCTIONS)},
        **_SHORT,
        **{name.upper(): loss for name, loss in _SHORT.items()},
    },
)


def get(identifier: Any) -> Loss | Callable[..., Any] | None:
    """Loss for a name, a config, a class, a loss or a function.

    Parameters
    ----------
    identifier : str, dict, type, Loss or callable
        The name of a function, ``"mean_squared_error"``, ``"mse"``, gives the function, that of a class an instance.
        ``None`` gives ``None``.

    Returns
    -------
    Loss, callable or None

    Raises
    ------
    ValueError
        If the name is unknown, with the names that are nearest, or `identifier` is none of these.

    Examples
    --------
    >>> get("mse").__name__, get("MeanSquaredError").name
    ('mean_squared_error', 'mean_squared_error')
    """
    return _identifiers.get(identifier)  # type: ignore[no-any-return]  # losses and functions have no common type


def serialize(loss: Loss | Callable[..., Any]) -> Any:
    """Config of a loss or function.

    Parameters
    ----------
    loss : Loss or callable

    Returns
    -------
    dict

    Examples
    --------
    >>> serialize(BinaryCrossentropy(from_logits=True))["config"]["from_logits"]
    True
    """
    return _identifiers.serialize(loss)


def deserialize(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Loss | Callable[..., Any]:
    """Loss or function of a config.

    Parameters
    ----------
    name : dict or str
        What `serialize` returned, or a name.
    custom_objects : mapping from name to class or function, optional

    Returns
    -------
    Loss or callable

    Raises
    ------
    ValueError, TypeError
        If the config describes no loss.

    Examples
    --------
    >>> deserialize(serialize(MeanSquaredError(reduction="sum"))).reduction
    'sum'
    """
    return _identifiers.deserialize(name, custom_objects)  # type: ignore[no-any-return]  # losses and functions have no common type


__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "deserialize",
    "get",
    "mean_absolute_error",
    "mean_squared_error",
    "serialize",
    "sparse_categorical_crossentropy",
]
