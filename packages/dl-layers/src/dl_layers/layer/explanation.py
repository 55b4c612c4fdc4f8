"""Saying in which layer, and on which shapes, an error happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dl_layers.layer.arguments import is_plain
from dl_ops.dtypes import standardize_dtype

if TYPE_CHECKING:
    from dl_layers.layer.state import LayerState


def explain(layer: LayerState, args: Sequence[Any], kwargs: Mapping[str, Any], error: Exception) -> None:
    """Say in which layer, and on which shapes, an error happened; the innermost layer does."""
    if getattr(error, "_dl_layer", None) is not None:
        return
    named = (f"{name}={_describe(x)}" for name, x in kwargs.items() if not is_plain(x))
    shapes = ", ".join((*map(_describe, args), *named))
    message = f"in layer {layer.path!r} ({type(layer).__name__}), called with {shapes or 'no inputs'}"
    try:
        error._dl_layer = layer.path  # type: ignore[attr-defined]  # a mark that it has been explained
    except AttributeError:
        return
    if type(error) in (ValueError, TypeError) and len(error.args) == 1 and isinstance(error.args[0], str):
        error.args = (f"{error.args[0]}\n  {message}",)
    else:
        error.add_note(message)


def is_odd(x: Any) -> bool:
    """Whether an argument, or something in it, is neither a tensor nor a number."""
    if isinstance(x, (list, tuple, dict)):
        return any(map(is_odd, x.values() if isinstance(x, dict) else x))
    return not (hasattr(x, "shape") or x is None or isinstance(x, (bool, int, float)))


def no_tensor(layer: LayerState, x: Any) -> TypeError:
    """Error for an argument in the place of a tensor that is none."""
    return TypeError(f"layer {layer.name!r} ({type(layer).__name__}): input should be a tensor, got {_describe(x)}")


def _describe(x: Any) -> str:
    if isinstance(x, dict):
        return "{" + ", ".join(f"{name}: {_describe(item)}" for name, item in x.items()) + "}"
    if isinstance(x, (list, tuple)):
        return "[" + ", ".join(map(_describe, x)) + "]"
    if not hasattr(x, "shape"):
        return repr(x)[:60]
    kind = standardize_dtype(x.dtype) if hasattr(x, "dtype") else type(x).__name__
    return f"{kind}{tuple(x.shape)}"
