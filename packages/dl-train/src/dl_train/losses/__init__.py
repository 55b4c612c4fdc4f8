"""Losses, ``keras.losses``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from dl_ops.objects import Identifiers
from dl_train.losses.base import Loss, LossFunctionWrapper
from dl_train.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
)
from dl_train.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from dl_train.losses.hinges import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from dl_train.losses.probabilistic import KLDivergence, Poisson, kl_divergence, poisson
from dl_train.losses.regression import (
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from dl_train.losses.robust import Huber, LogCosh, huber, log_cosh
from dl_train.losses.segmentation import Dice, Tversky, dice, tversky
from dl_train.losses.sequences import CTC, ctc
from dl_train.losses.similarity import Circle, CosineSimilarity, circle, cosine_similarity
from dl_train.losses.sparse import (
    CategoricalGeneralizedCrossEntropy,
    SparseCategoricalCrossentropy,
    categorical_generalized_cross_entropy,
    sparse_categorical_crossentropy,
)

_LOSSES: Final[tuple[Callable[..., Any], ...]] = (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CTC,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    CategoricalHinge,
    Circle,
    CosineSimilarity,
    Dice,
    Hinge,
    Huber,
    KLDivergence,
    LogCosh,
    Loss,
    LossFunctionWrapper,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
    Tversky,
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    categorical_hinge,
    circle,
    cosine_similarity,
    ctc,
    dice,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
    tversky,
)
_SHORT: Final = {
    "bce": binary_crossentropy,
    "kld": kl_divergence,
    "mae": mean_absolute_error,
    "mape": mean_absolute_percentage_error,
    "mse": mean_squared_error,
    "msle": mean_squared_logarithmic_error,
}

_identifiers: Final = Identifiers[Any](
    "loss",
    {
        **{loss.__name__: loss for loss in _LOSSES},
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
    "CTC",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine_similarity",
    "ctc",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]
