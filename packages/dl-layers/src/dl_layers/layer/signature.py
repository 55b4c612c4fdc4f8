"""What the signature of a layer's ``call`` says, worked out once per class."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple


class CallSignature(NamedTuple):
    """Parameters of a ``call`` method, without ``self``."""

    signature: inspect.Signature
    names: tuple[str, ...]
    takes_training: bool
    training_at: int
    """Position of the training flag; beyond all others if it can be given by name alone."""
    takes_mask: bool
    training_default: Any
    mask_names: tuple[str, ...]
    """For each positional parameter the name of the parameter that takes its mask, or ``""``."""
    variadic: bool
    required: int
    """Number of parameters without a default."""
    named_only: frozenset[str]
    """Parameters that can be given by name alone."""
    lacks_training: bool
    """Whether the training flag cannot be given to ``call``."""


@cache
def call_signature(function: Callable[..., Any]) -> CallSignature:
    """Signature of an unbound ``call`` method."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    names = tuple(p.name for p in parameters)
    variadic = any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)
    training = next((p for p in parameters if p.name == "training"), None)
    default = training.default if training is not None and training.default is not training.empty else None
    masks = []
    for i, name in enumerate(names):
        specific = f"{name}_mask"
        masks.append(specific if specific in names else "mask" if i == 0 and "mask" in names else "")
    return CallSignature(
        inspect.Signature(parameters),
        names,
        training is not None,
        sys.maxsize if training is None or training.kind is training.KEYWORD_ONLY else names.index("training"),
        any(masks),
        default,
        tuple(masks),
        variadic,
        sum(p.default is p.empty for p in parameters),
        frozenset(p.name for p in parameters if p.kind is p.KEYWORD_ONLY),
        training is None and not variadic,
    )


def arguments_by_name(
    signature: CallSignature, args: Sequence[Any], kwargs: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """Arguments given, by parameter name; a ``TypeError`` that names the layer if they do not fit."""
    if (
        not kwargs
        and not (signature.variadic or signature.named_only)
        and signature.required <= len(args) <= len(signature.names)
    ):
        return dict(zip(signature.names, args, strict=False))
    try:
        bound = signature.signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{where}.call(): {error}") from None
    return bound.arguments


class BuildParameters(NamedTuple):
    """Parameters of a ``build`` method, without ``self``."""

    names: tuple[str, ...]
    takes_one: bool
    """Whether it takes one shape, whatever its name."""
    required: bool
    """Whether it must be given a shape."""


@cache
def build_parameters(function: Callable[..., Any]) -> BuildParameters:
    """Parameters of an unbound ``build`` method."""
    parameters = [p for p in list(inspect.signature(function).parameters.values())[1:] if p.kind is not p.VAR_KEYWORD]
    variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return BuildParameters(
        tuple(p.name for p in parameters),
        len(parameters) == 1 and not variadic,
        not variadic and any(p.default is p.empty for p in parameters),
    )
