"""Initial values of weights, ``keras.initializers``; random ones are the same on every backend for the same seed."""

from __future__ import annotations

from typing import Any

from dl_layers.initializers.base import Initializer, RandomInitializer
from dl_layers.initializers.constant import Constant, Identity, Ones, Zeros
from dl_layers.initializers.random import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from dl_layers.initializers.stft import STFT
from dl_ops.naming import to_snake_case
from dl_ops.objects import Identifiers

_CLASSES = (
    Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, LecunNormal, LecunUniform, Ones, Orthogonal,
    RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling, Zeros,
)  # fmt: skip
_identifiers: Identifiers[Initializer] = Identifiers(
    "initializer",
    {
        **{cls.__name__: cls for cls in _CLASSES},
        **{to_snake_case(cls.__name__): cls for cls in _CLASSES},
        "IdentityInitializer": Identity,
        "OrthogonalInitializer": Orthogonal,
        **dict.fromkeys(("STFT", "STFTInitializer", "stft"), STFT),
        "normal": RandomNormal,
        "uniform": RandomUniform,
        "one": Ones,
        "zero": Zeros,
    },
)

get = _identifiers.get
deserialize = _identifiers.deserialize

constant = Constant
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
IdentityInitializer = identity = Identity
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
ones = Ones
OrthogonalInitializer = orthogonal = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
STFTInitializer = stft = STFT
zeros = Zeros


def serialize(initializer: Initializer) -> Any:
    """Config of an initializer.

    Parameters
    ----------
    initializer : Initializer

    Returns
    -------
    dict

    Examples
    --------
    >>> serialize(Constant(2.0))["config"]
    {'value': 2.0}
    """
    return _identifiers.serialize(initializer)


__all__ = [
    "STFT",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomInitializer",
    "RandomNormal",
    "RandomUniform",
    "STFTInitializer",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "stft",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]
