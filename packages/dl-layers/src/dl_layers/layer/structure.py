"""All that a layer consists of, listed once and kept as long as nothing of it changes."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from dl_layers.layer.tracking import CONTAINER_TYPES
from dl_ops.changes import changes
from dl_ops.random import SeedGenerator
from dl_ops.variable import Variable

if TYPE_CHECKING:
    from dl_layers.layer.base import Layer


class Structure(NamedTuple):
    """Layers, metrics and variables of a layer and all below it."""

    changes: int
    containers: list[tuple[Any, tuple[Any, ...]]]
    """Lists and the like among the attributes, with what they held."""
    layers: list[Layer]
    metrics: list[Any]
    variables: list[Variable] | None
    """``None`` if there are metrics, which make variables as they please."""

    def holds(self) -> bool:
        """Whether nothing has changed since."""
        if self.changes != changes.count:
            return False
        for container, held in self.containers:  # asked for in many calls: a loop takes half as long as all()
            now = container.values() if isinstance(container, dict) else container
            if len(now) != len(held) or not all(map(operator.is_, now, held)):
                return False
        return True

    def lists_the_same(self, other: Structure) -> bool:
        """Whether another structure has the same parts."""
        return _parts(self) == _parts(other)


def _parts(structure: Structure) -> tuple[list[Any], ...]:
    containers = [(id(container), *map(id, held)) for container, held in structure.containers]
    lists = (structure.layers, structure.metrics, all_variables(structure))
    return (*(list(map(id, parts)) for parts in lists), containers)


def structure_of(layer: Layer) -> Structure:
    """Structure of a layer, anew if something changed.

    Parameters
    ----------
    layer : Layer

    Returns
    -------
    Structure
    """
    known: Structure | None = layer.__dict__.get("_structure")
    if known is None or not known.holds():
        known = layer.__dict__["_structure"] = _listed(layer)
    return known


def trained_first(variables: list[Variable]) -> list[Variable]:
    """Variables that were made to be trained, then the others."""
    return sorted(variables, key=lambda variable: not variable._trained_at_creation)


def _listed(layer: Layer) -> Structure:
    count = changes.count
    layers = _below(layer)
    containers = [
        (container, _held(container))
        for part in layers
        for value in part._tracker.attributes.values()
        for container in _containers(value)
    ]
    metrics = [metric for part in layers for metric in part._own_metrics()]
    variables = None if metrics else _variables(layers)
    return Structure(count, containers, layers, metrics, variables)


def all_variables(structure: Structure) -> list[Variable]:
    """Variables of all layers, those of seed generators and metrics included."""
    return _variables(structure.layers) if structure.variables is None else list(structure.variables)


def _below(layer: Layer) -> list[Layer]:
    found: dict[int, Layer] = {id(layer): layer}
    for part in layer._sublayers():
        for item in structure_of(part).layers:
            found.setdefault(id(item), item)
    return list(found.values())


def _variables(layers: list[Layer]) -> list[Variable]:
    from dl_layers.layer.base import Layer

    found: dict[int, Variable] = {}
    for layer in layers:
        own: list[Variable] = []
        states: list[Variable] = []
        of_metrics: list[Variable] = []
        for part in layer._tracker.parts():
            if isinstance(part, Variable):
                own.append(part)
            elif isinstance(part, SeedGenerator):
                states.append(part.state)
            elif hasattr(type(part), "update_state") and not isinstance(part, Layer):
                of_metrics += part.variables
        for variable in (*trained_first(own), *states, *layer._hidden_state(), *of_metrics):
            found.setdefault(id(variable), variable)
    return list(found.values())


def _containers(value: Any) -> Iterator[Any]:
    """A container and those inside it, each once."""
    stack, seen = [value], set()
    while stack:
        item = stack.pop()
        if isinstance(item, CONTAINER_TYPES) and id(item) not in seen:
            seen.add(id(item))
            yield item
            stack.extend(item.values() if isinstance(item, dict) else item)


def _held(container: Any) -> tuple[Any, ...]:
    return tuple(container.values() if isinstance(container, dict) else container)
