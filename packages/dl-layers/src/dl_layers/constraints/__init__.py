"""Projections of weights, ``keras.constraints``."""

from __future__ import annotations

from typing import Any

from dl_layers.constraints.projections import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from dl_ops.objects import Identifiers

max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

_identifiers: Identifiers[Constraint] = Identifiers(
    "constraint",
    {
        "MaxNorm": MaxNorm,
        "MinMaxNorm": MinMaxNorm,
        "NonNeg": NonNeg,
        "UnitNorm": UnitNorm,
        "max_norm": MaxNorm,
        "min_max_norm": MinMaxNorm,
        "non_neg": NonNeg,
        "unit_norm": UnitNorm,
    },
)

get = _identifiers.get
deserialize = _identifiers.deserialize


def serialize(constraint: Constraint) -> Any:
    """Config of a constraint.

    Parameters
    ----------
    constraint : Constraint

    Returns
    -------
    dict

    Examples
    --------
    >>> serialize(UnitNorm(axis=1))["config"]
    {'axis': 1}
    """
    return _identifiers.serialize(constraint)


__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]
