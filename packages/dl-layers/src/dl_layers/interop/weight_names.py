"""Names of a layer's weights in the models of frameworks, which nest by attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dl_layers.layer import Layer
from dl_ops.backend import get_backend
from dl_ops.variable import Variable


def built_on(layer: Any, framework: str, function: str) -> Layer:
    """`layer`, if it is a built layer of a framework's backend.

    Raises
    ------
    TypeError
        If it is no layer.
    ValueError
        If it is not built, or belongs to another backend.
    """
    if not isinstance(layer, Layer):
        raise TypeError(f"{function}(layer={layer!r}): expected a layer or model")
    if not layer.built:
        raise ValueError(f"{function}(): {layer!r} has no weights yet: build it or call it once first")
    owner = next((v.backend for v in layer.variables), layer._backend or get_backend(framework))
    if owner.name != framework:
        raise ValueError(
            f"{function}(): {layer!r} belongs to the {owner.name} backend, expected {framework}: make it inside "
            f"`with dl.backend_scope({framework!r}):` and give it the weights by set_weights()"
        )
    return layer


def named_weights(layer: Layer, taken: Callable[[str], bool] = lambda name: False) -> dict[tuple[str, ...], Variable]:
    """Weights by the parts of their paths, the layer's own name left out: ``("encoder", "dense", "kernel")``.

    Parameters
    ----------
    layer : Layer
    taken : callable, optional
        Whether a name cannot be an attribute's, so that ``_`` is put behind it.

    Returns
    -------
    dict
        In the order of ``layer.weights``; of equal paths the later ones are numbered.
    """
    return named(layer.weights, layer.path, taken)


def named_state(layer: Layer) -> dict[tuple[str, ...], Variable]:
    """Variables that are no weights, of seed generators for one, in the same way."""
    weights = {id(v) for v in layer.weights}
    return named([v for v in layer.variables if id(v) not in weights], layer.path)


def named(
    variables: Iterable[Variable], prefix: str, taken: Callable[[str], bool] = lambda name: False
) -> dict[tuple[str, ...], Variable]:
    """Variables by the parts of their paths, without `prefix` where they begin with it."""
    found: dict[tuple[str, ...], Variable] = {}
    groups: set[tuple[str, ...]] = set()
    for variable in variables:
        path_in_layer = variable.path.removeprefix(f"{prefix}/")
        parts = [part for part in path_in_layer.replace("/", ".").split(".") if part]
        parts = [f"{part}_" if taken(part) else part for part in parts]
        path, number = tuple(parts), 0
        # a name is a weight's or a group's, not both
        while path in found or path in groups:
            number += 1
            path = (*parts[:-1], f"{parts[-1]}_{number}")
        if any(path[:i] in found for i in range(1, len(path))):
            path = ("_".join(path),)
        found[path] = variable
        groups.update(path[:i] for i in range(1, len(path)))
    return found


def nested(values: dict[tuple[str, ...], Any]) -> dict[str, Any]:
    """Dictionaries in dictionaries, of values by path."""
    result: dict[str, Any] = {}
    for path, value in values.items():
        group = result
        for part in path[:-1]:
            group = group.setdefault(part, {})
        group[path[-1]] = value
    return result


def flattened(values: Any, paths: Iterable[tuple[str, ...]], what: str) -> list[Any]:
    """Values in nested dictionaries, in the order of the paths; a ``ValueError`` if there are others."""
    found = []
    for path in paths:
        group = values
        for part in path:
            try:
                group = group[part]
            except (KeyError, TypeError, IndexError):
                raise ValueError(f"{what} has no value at {'/'.join(path)!r}") from None
        found.append(group)
    if (count := _count(values)) != len(found):
        raise ValueError(f"{what} has {count} values, expected {len(found)}")
    return found


def _count(values: Any) -> int:
    return sum(map(_count, values.values())) if isinstance(values, dict) else 1
