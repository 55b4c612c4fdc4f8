"""What a layer consists of is listed once and remembered: never longer than it is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dl_layers import Dense, Dropout
from dl_layers.layer import Layer
from dl_ops.variable import Variable


class Holder(Layer):
    """Layer with parts in every kind of place."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[Any] = []
        self.nested: dict[str, Any] = {"list": []}


def _new() -> Holder:
    holder = Holder()
    holder.items.append(Variable(1.0))
    return holder


def _drop(items: list[Any]) -> None:
    if items:
        items.pop()


def _swap(holder: Holder) -> None:
    if holder.items:
        holder.items[0] = Variable(2.0)


def _delete(holder: Holder) -> None:
    if hasattr(holder, "part"):
        del holder.part


def _build(holder: Holder) -> None:
    if hasattr(holder, "dense") and not holder.dense.built:
        holder.dense.build((None, 2))


CHANGES: dict[str, Callable[[Holder], Any]] = {
    "append a variable": lambda h: h.items.append(Variable(1.0)),
    "append a layer": lambda h: h.items.append(_new()),
    "drop": lambda h: _drop(h.items),
    "swap": _swap,
    "set": lambda h: setattr(h, "part", _new()),
    "set to a number": lambda h: setattr(h, "part", 3),
    "delete": _delete,
    "into a nested list": lambda h: h.nested["list"].append(Variable(0.0)),
    "out of a nested list": lambda h: _drop(h.nested["list"]),
    "a new nested list": lambda h: h.nested.update(list=[_new()]),
    "a layer to be built": lambda h: setattr(h, "dense", Dense(1)),
    "build it": _build,
    "a seed generator": lambda h: setattr(h, "dropout", Dropout(0.5)),
    "a weight": lambda h: h.add_weight(()),
    "another list": lambda h: setattr(h, "items", [Variable(5.0)]),
}


def by_walking(layer: Any) -> list[int]:
    """Variables below a layer, by looking at everything."""
    found: dict[int, None] = {}

    def walk(value: Any) -> None:
        if isinstance(value, Variable):
            found[id(value)] = None
        elif isinstance(value, Dropout):
            walk(value.seed_generator.state)
        elif isinstance(value, Layer):
            for part in value._tracker.attributes.values():
                walk(part)
        elif isinstance(value, (list, dict)):
            for item in value.values() if isinstance(value, dict) else value:
                walk(item)

    walk(layer)
    return sorted(found)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.booleans()), max_size=12))
def test_variables_are_those_that_a_walk_finds_after_any_changes(changes: list[tuple[str, bool]]) -> None:
    top, below = Holder(), Holder()
    top.items.append([below])
    for name, inside in changes:
        CHANGES[name](below if inside else top)
        assert sorted(map(id, top.variables)) == by_walking(top)
        assert top.variables is not top.variables  # nobody changes what is remembered


def test_layers_below_are_listed_with_and_without_the_layer_itself() -> None:
    top = Holder()
    assert [layer.name for layer in top._flatten_layers()] == [top.name]
    top.items.append(Dense(1))
    assert len(top._flatten_layers()) == 2
    assert len(top._flatten_layers(include_self=False)) == 1
