"""What the signature of a layer's ``call`` says, worked out once per class."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple


class CallSignature(NamedTuple):
    """Parameters of a ``call`` method, without ``self``."""

    signature: inspect.Signature
    names: tuple[str, ...]
    takes_training: bool
    training_at: int
    """Position of the training flag; -1 if it is not taken."""
    takes_mask: bool
    training_default: Any
    mask_names: tuple[str, ...]
    """For each positional parameter the name of the parameter that takes its mask, or ``""``."""
    variadic: bool
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
        -1 if training is None else names.index("training"),
        any(masks),
        default,
        tuple(masks),
        variadic,
        training is None and not variadic,
    )


def arguments_by_name(
    signature: CallSignature, args: Sequence[Any], kwargs: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """Arguments given, by parameter name; a ``TypeError`` that names the layer if they do not fit."""
    try:
        bound = signature.signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{where}.call(): {error}") from None
    return bound.arguments
