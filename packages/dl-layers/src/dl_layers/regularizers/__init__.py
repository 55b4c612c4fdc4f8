"""Penalties on weights and outputs, ``keras.regularizers``."""

from __future__ import annotations

from dl_layers.regularizers.penalties import L1, L1L2, L2, OrthogonalRegularizer, Regularizer
from dl_ops.objects import Identifiers

l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

_identifiers: Identifiers[Regularizer] = Identifiers(
    "regularizer",
    {
        "L1": L1,
        "L2": L2,
        "L1L2": L1L2,
        "OrthogonalRegularizer": OrthogonalRegularizer,
        "l1": L1,
        "l2": L2,
        "l1_l2": L1L2,
        "orthogonal_regularizer": OrthogonalRegularizer,
    },
)

get = _identifiers.get
serialize = _identifiers.serialize
deserialize = _identifiers.deserialize

__all__ = [
    "L1",
    "L2",
    "L1L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]
