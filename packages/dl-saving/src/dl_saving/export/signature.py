"""Shapes and dtypes of what a model is called with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dl_layers.layer import Layer
from dl_ops import tree
from dl_ops.config import floatx
from dl_ops.dtypes import standardize_dtype
from dl_ops.symbolic import KerasTensor


def signature_of(layer: Layer, given: Any = None) -> list[Any]:
    """Arguments of a layer's call, structures of `KerasTensor`.

    Parameters
    ----------
    layer : Layer
        A built one.
    given : structure, optional
        A list or tuple with a structure for each argument, or that of a single one: whatever has a shape and a dtype.

    Returns
    -------
    list

    Raises
    ------
    ValueError
        If nothing is given and what the layer was built with does not tell.
    TypeError
        If something given has no shape.
    """
    entry = _entry(layer)
    if given is None:
        args = _built_with(layer) if entry is None else [entry]
    elif isinstance(given, (list, tuple)):
        args = list(given)
        if isinstance(entry, (list, tuple)) and len(entry) == len(args) > 1:
            # inputs of a model that takes them as one argument
            args = [args]
    else:
        args = [given]
    names: set[str] = set()
    return [tree.map_structure(lambda x: _spec(x, names), arg) for arg in args]


def _entry(layer: Layer) -> Any:
    """The structure of a model's symbolic inputs; ``None`` if it has none."""
    if not hasattr(layer, "input_names"):
        return None
    try:
        return layer.input
    except (AttributeError, ValueError):
        return None


class _Shape:
    """A shape that a layer was built with; the size of the batch at hand is no property of the layer."""

    def __init__(self, shape: tuple[int | None, ...], dtype: str) -> None:
        self.shape, self.dtype = (None, *shape[1:]), dtype


def _built_with(layer: Layer) -> list[Any]:
    config = layer.get_build_config() or {}
    named = config.get("shapes_dict")
    shapes = [config["input_shape"]] if config.get("input_shape") is not None else list((named or {}).values())
    names = [name.removesuffix("_shape") for name in named or ()]
    # by position, so that those before the last must be among them
    if not shapes or (named and tuple(names) != layer._signature.names[: len(names)]):
        raise ValueError(
            f"export(): what {layer.name!r} is called with is not known, as it was built with "
            f"{config or 'no shapes'}: give an input_signature"
        )
    dtype = layer.compute_dtype or floatx()
    return [_shapes(shape, dtype) for shape in shapes]


def _shapes(shape: Any, dtype: str) -> Any:
    if isinstance(shape, Mapping):
        return {name: _shapes(x, dtype) for name, x in shape.items()}
    if all(size is None or isinstance(size, int) for size in shape):
        return _Shape(tuple(shape), dtype)
    return [_shapes(x, dtype) for x in shape]


def _spec(x: Any, names: set[str]) -> KerasTensor:
    if getattr(x, "shape", None) is None:
        raise TypeError(
            f"export(input_signature=...): {x!r} has no shape: expected InputSpec, KerasTensor, TensorSpec or tensors"
        )
    if getattr(x, "sparse", False) is True or getattr(x, "ragged", False) is True:
        raise ValueError(f"export(): the input {x!r} is not dense, and programs take dense tensors only")
    name = base = _name(x) or "input"
    while name in names:
        name = f"{base}_{len(names)}"
    names.add(name)
    dtype = getattr(x, "dtype", None)
    return KerasTensor(
        tuple(x.shape), floatx() if dtype is None else standardize_dtype(dtype), record_history=False, name=name
    )


def _name(x: Any) -> str | None:
    if isinstance(x, KerasTensor):
        # an input has the name of its layer
        return x._keras_history.operation.name if x._keras_history else x.name
    return x.name if type(x).__name__ == "TensorSpec" else None
