"""Variables, layers and seed generators that a layer owns, kept in order as its attributes are set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dl_ops.changes import changes
from dl_ops.random import SeedGenerator
from dl_ops.variable import Variable


def is_part(value: Any) -> bool:
    """Whether a value counts as a part of a layer: a variable, a seed generator, or what has variables, as layers
    and metrics do.
    """
    # looked up on the type, since the property of an instance walks all that is below it
    return isinstance(value, (Variable, SeedGenerator)) or (
        hasattr(type(value), "variables") and not isinstance(value, type)
    )


# most attributes are of these types and hold nothing to track
PLAIN_TYPES = frozenset({bool, int, float, str, type(None), bytes, complex, type, type(lambda: None)})
CONTAINER_TYPES = (list, tuple, dict, set)


def members(container: Any) -> Iterator[Any]:
    """Leaves of nested lists, tuples, sets and dictionaries, in order; a container met twice is walked once."""
    stack, seen = [container], set()
    while stack:
        item = stack.pop()
        if isinstance(item, CONTAINER_TYPES):
            if id(item) not in seen:
                seen.add(id(item))
                values = list(item.values()) if isinstance(item, dict) else list(item)
                stack.extend(reversed(values))
        else:
            yield item


def _stays_plain(value: Any) -> bool:
    """Whether a container is a tuple, as of a shape, that has no part and never will."""
    return isinstance(value, tuple) and all(type(item) in PLAIN_TYPES or _stays_plain(item) for item in value)


class Tracker:
    """The trackable attributes of one layer.

    Containers are kept as such and looked into when parts are listed, so that what is appended later counts too.
    """

    __slots__ = ("attributes", "untracked")

    def __init__(self) -> None:
        self.attributes: dict[str, Any] = {}
        # a graph's edges lead to other layers, which are no parts of this one
        self.untracked: set[str] = {"_inbound_nodes", "_outbound_nodes"}

    def note(self, name: str, value: Any) -> None:
        """Record that attribute `name` now is `value`."""
        if name in self.untracked:
            return
        if is_part(value) or (isinstance(value, CONTAINER_TYPES) and not _stays_plain(value)):
            # a new value for an old name keeps the old one's place
            self.attributes[name] = value
            changes.count += 1
        else:
            self.forget(name)

    def forget(self, name: str) -> None:
        """Record that attribute `name` holds no part any more."""
        if self.attributes.pop(name, None) is not None:
            changes.count += 1

    def keep(self, *variables: Variable) -> None:
        """Make variables parts, whether or not an attribute holds them."""
        self.attributes.setdefault("_own_weights", []).extend(variables)
        changes.count += 1

    def parts(self) -> Iterator[Any]:
        """Variables, seed generators, layers and metrics, each once, in the order their attributes were first set."""
        found: dict[int, Any] = {}
        for value in self.attributes.values():
            if isinstance(value, CONTAINER_TYPES):
                if value:  # most are empty
                    found.update((id(member), member) for member in members(value) if is_part(member))
            else:
                found[id(value)] = value
        return iter(found.values())
