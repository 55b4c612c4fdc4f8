"""Checks of layers' arguments, with messages that name the layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dl_ops import config
from dl_ops.rules import may_be_equal, standardize_axis

if TYPE_CHECKING:
    from dl_layers.layer.base import Layer


def positive_integer(value: Any, name: str, layer: Layer) -> int:
    """`value`, if it is a positive integer; else a ``ValueError`` that names the argument and the layer."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < 1:
        raise ValueError(f"{type(layer).__name__}({name}={value!r}): {name} must be a positive integer")
    return int(value.__index__())


def axes(value: Any, name: str, layer: Layer, *, several: bool = False) -> Any:
    """`value`, if it is an integer or, where `several` may be given, a sequence of integers; else a ``ValueError``."""
    if several and isinstance(value, (list, tuple)) and all(_at_least(item, item) for item in value):
        return [int(item) for item in value]
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        wanted = "an integer or a sequence of integers" if several else "an integer"
        raise ValueError(f"{type(layer).__name__}({name}={value!r}): {name} must be {wanted}")
    return int(value.__index__())


def not_negative(value: Any, name: str, layer: Layer) -> float:
    """`value`, if it is a number that is not negative; else a ``ValueError``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise ValueError(f"{type(layer).__name__}({name}={value!r}): {name} must be a number that is not negative")
    return value


def fraction(value: Any, name: str, layer: Layer) -> float:
    """`value`, if it is a number from 0 to 1; else a ``ValueError``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"{type(layer).__name__}({name}={value!r}): {name} must be a number between 0 and 1")
    return float(value)


def boolean_or_none(value: Any, name: str, layer: Layer) -> bool | None:
    """`value`, if it is true, false or ``None``; else a ``TypeError``."""
    if value is not None and not isinstance(value, bool):
        raise TypeError(f"{type(layer).__name__}({name}={value!r}): {name} must be True, False or None")
    return value


def proper_fraction(value: Any, name: str, layer: Layer) -> float:
    """`value`, if it is a number from 0 up to, and not including, 1; else a ``ValueError``."""
    if fraction(value, name, layer) == 1:
        raise ValueError(f"{type(layer).__name__}({name}={value!r}): {name} must be less than 1")
    return float(value)


def integer_tuple(value: Any, length: int, name: str, layer: Layer, *, minimum: int = 1) -> tuple[int, ...]:
    """`value`, an integer or a sequence of `length` integers, as a tuple; else a ``ValueError``."""
    values = (value,) * length if hasattr(value, "__index__") else value
    if (
        not isinstance(values, Sequence)
        or len(values) != length
        or not all(_at_least(item, minimum) for item in values)
    ):
        raise ValueError(
            f"{type(layer).__name__}({name}={value!r}): {name} must be an integer or {length} integers "
            f"of at least {minimum}"
        )
    return tuple(int(item.__index__()) for item in values)


def sizes(value: Any, name: str, layer: Layer, *, unknown: bool = False) -> tuple[int | None, ...]:
    """`value`, a positive integer or a sequence of them, as a tuple; where `unknown` is true also of ``None``; else a
    ``ValueError``.
    """
    values = (value,) if hasattr(value, "__index__") else value
    if not isinstance(values, (list, tuple)) or not all(
        _at_least(item, 1) or (unknown and item is None) for item in values
    ):
        raise ValueError(
            f"{type(layer).__name__}({name}={value!r}): {name} must be a positive integer or a sequence of them"
        )
    return tuple(values)


def _at_least(value: Any, minimum: Any) -> bool:
    return not isinstance(value, bool) and hasattr(value, "__index__") and value.__index__() >= minimum


def one_of(value: Any, choices: Sequence[str], name: str, layer: Layer) -> str:
    """`value` in lower case, if it is one of `choices`; else a ``ValueError`` that lists them."""
    if not isinstance(value, str) or value.lower() not in choices:
        raise ValueError(f"{type(layer).__name__}({name}={value!r}): expected one of {', '.join(map(repr, choices))}")
    return value.lower()


def data_format_of(value: Any, layer: Layer) -> str:
    """`value`, or the configured one for ``None``, if it is a data format; else a ``ValueError``."""
    given = config.image_data_format() if value is None else value
    return one_of(given, ("channels_last", "channels_first"), "data_format", layer)


def check_sequence_mask(mask: Any, inputs: Any, layer: Layer, *, steps: int = 1) -> None:
    """Raise a ``ValueError`` if a mask is not of shape ``(batch, steps)``; `steps` is the axis of the inputs' steps."""
    expected, found = (inputs.shape[0], inputs.shape[steps]), tuple(mask.shape)
    if not may_be_equal(expected, found):
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: a mask of shape {found} for inputs of shape "
            f"{tuple(inputs.shape)}, expected {expected}"
        )


def a_layer(value: Any, name: str, layer: Layer) -> Any:
    """`value`, if it is a layer; else a ``ValueError`` that names the argument and the layer that takes it."""
    if not hasattr(value, "_flatten_layers") or isinstance(value, type):
        raise ValueError(f"{type(layer).__name__}({name}={value!r}): {name} must be a layer")
    return value


def known_size(shape: Any, axis: int, layer: Layer) -> int:
    """Size of an axis that a layer needs to create its weights; a ``ValueError`` that names the layer if it is
    unknown.
    """
    if not isinstance(shape, (tuple, list)) or not all(size is None or isinstance(size, int) for size in shape):
        raise ValueError(f"{type(layer).__name__} {layer.name!r} takes one input, got shapes {shape}")
    size: int | None = shape[standardize_axis(axis, len(shape))]
    if size is None:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: axis {axis} of the input must have a known size "
            f"to create the weights, got shape {tuple(shape)}"
        )
    return size
