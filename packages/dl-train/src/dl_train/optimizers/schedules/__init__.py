"""Learning-rate schedules, ``keras.optimizers.schedules``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dl_ops.objects import Identifiers
from dl_train.optimizers.schedules.base import LearningRateSchedule
from dl_train.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from dl_train.optimizers.schedules.decay import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)

_CLASSES: Final = (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
_identifiers: Final = Identifiers[LearningRateSchedule](
    "learning-rate schedule",
    {cls.__name__: cls for cls in _CLASSES},
    accepts=lambda obj: isinstance(obj, LearningRateSchedule),
)


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """Config of a schedule.

    Parameters
    ----------
    learning_rate_schedule : LearningRateSchedule

    Returns
    -------
    dict

    Examples
    --------
    >>> serialize(ExponentialDecay(0.1, 10, 0.5))["class_name"]
    'ExponentialDecay'
    """
    return _identifiers.serialize(learning_rate_schedule)  # type: ignore[no-any-return]  # a dictionary for what is no function


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> LearningRateSchedule:
    """Schedule of a config.

    Parameters
    ----------
    config : dict
        What `serialize` returned.
    custom_objects : mapping from name to class, optional

    Returns
    -------
    LearningRateSchedule

    Raises
    ------
    ValueError, TypeError
        If the config describes no schedule.

    Examples
    --------
    >>> float(deserialize(serialize(ExponentialDecay(0.5, 10, 0.5)))(10))
    0.25
    """
    return _identifiers.deserialize(config, custom_objects)


__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]
