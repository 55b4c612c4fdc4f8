"""Projections of weights, ``keras.constraints``."""

from __future__ import annotations

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
serialize = _identifiers.serialize
deserialize = _identifiers.deserialize

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
