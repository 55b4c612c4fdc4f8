"""Penalties on weights and outputs, ``keras.regularizers``."""

from __future__ import annotations

from typing import Any

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
deserialize = _identifiers.deserialize


def serialize(regularizer: Regularizer) -> Any:
    """Config of a regularizer.

    Parameters
    ----------
    regularizer : Regularizer

    Returns
    -------
    dict

    Examples
    --------
    >>> serialize(L2(0.5))["config"]
    {'l2': 0.5}
    """
    return _identifiers.serialize(regularizer)


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
