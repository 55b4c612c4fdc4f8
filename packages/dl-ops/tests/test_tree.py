"""Nested structures: what holds for any of them, and Keras's rules about what is a node."""

from __future__ import annotations

import string
from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_ops import tree

Point = namedtuple("Point", ["x", "y"])


class ListSubclass(list[Any]):
    pass


def containers(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(children, max_size=3)
    dicts = st.dictionaries(st.text(string.ascii_lowercase, min_size=1, max_size=2), children, max_size=3)
    return st.one_of(
        lists,
        lists.map(tuple),
        lists.map(deque),
        dicts,
        dicts.map(OrderedDict),
        dicts.map(lambda items: defaultdict(int, items)),
        st.tuples(children, children).map(lambda pair: Point(*pair)),
    )


leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=2))
structures = st.recursive(leaves, containers, max_leaves=12)


def leaves_of(structure: Any) -> list[Any]:
    """Independent reference for `flatten`: recursion over the kinds of nodes."""
    if type(structure) in (dict, defaultdict):
        return [leaf for key in sorted(structure) for leaf in leaves_of(structure[key])]
    if type(structure) is OrderedDict:
        return [leaf for value in structure.values() for leaf in leaves_of(value)]
    if type(structure) in (list, tuple, deque, Point):
        return [leaf for value in structure for leaf in leaves_of(value)]
    return [structure]


def at(structure: Any, path: tuple[Any, ...]) -> Any:
    for entry in path:
        structure = structure[entry]
    return structure


@given(structures)
def test_flatten_gives_the_leaves_in_order(structure: Any) -> None:
    assert tree.flatten(structure) == leaves_of(structure)


@given(structures)
def test_packing_the_leaves_gives_the_structure_back(structure: Any) -> None:
    packed = tree.pack_sequence_as(structure, tree.flatten(structure))
    assert repr(packed) == repr(structure)
    tree.assert_same_structure(structure, packed)


@given(structures)
def test_paths_lead_to_the_leaves(structure: Any) -> None:
    pairs = tree.flatten_with_path(structure)
    assert [leaf for _, leaf in pairs] == tree.flatten(structure)
    assert all(at(structure, path) is leaf for path, leaf in pairs)


@given(structures)
def test_map_structure_maps_leaves_and_keeps_nodes(structure: Any) -> None:
    mapped = tree.map_structure(lambda leaf: (leaf,), structure)
    assert tree.flatten(mapped) == tree.flatten(structure)
    tree.assert_same_structure(structure, tree.map_structure_up_to(structure, lambda pair: pair[0], mapped))
    pairs = tree.map_structure(lambda a, b: f"{a!r}{b!r}", structure, structure)
    assert tree.flatten(pairs) == [f"{leaf!r}{leaf!r}" for leaf in tree.flatten(structure)]


@given(structures)
def test_traverse_that_replaces_nothing_gives_an_equal_structure(structure: Any) -> None:
    for top_down in (True, False):
        seen: list[Any] = []
        assert repr(tree.traverse(lambda x: seen.append(x), structure, top_down=top_down)) == repr(structure)  # noqa: B023
        assert [x for x in seen if not tree.is_nested(x)] == tree.flatten(structure)


@given(structures)
def test_no_list_is_left_by_lists_to_tuples(structure: Any) -> None:
    tuples = tree.lists_to_tuples(structure)
    assert tree.flatten(tuples) == tree.flatten(structure)
    tree.assert_same_paths(structure, tuples)
    seen: list[type] = []
    tree.traverse(lambda x: seen.append(type(x)), tuples)
    assert list not in seen


@pytest.mark.parametrize(
    "leaf", [None, 1, "ab", {1, 2}, range(3), np.arange(3), ListSubclass([1]), slice(1)], ids=lambda x: type(x).__name__
)
def test_what_is_no_plain_container_is_a_leaf(leaf: Any) -> None:
    assert not tree.is_nested(leaf)
    assert tree.flatten(leaf)[0] is leaf
    assert tree.flatten([leaf])[0] is leaf
    assert tree.map_structure(lambda x: "mapped", leaf) == "mapped"


@pytest.mark.parametrize("node", [[], (), {}, OrderedDict(), Point(1, 2), deque()], ids=lambda x: type(x).__name__)
def test_containers_are_nodes_even_if_empty(node: Any) -> None:
    assert tree.is_nested(node)
    assert tree.flatten([node]) == list(node)


def test_a_flat_list_with_a_new_kind_of_leaf_is_flattened_right_twice() -> None:
    class Leaf:
        pass

    items = [Leaf(), Leaf()]
    first, second = tree.flatten(items), tree.flatten(items)
    assert first == second == items
    assert first is not items


def test_dictionaries_may_stand_for_each_other() -> None:
    ordered = OrderedDict([("b", 1), ("a", 2)])
    assert tree.flatten(ordered) == [1, 2]
    assert tree.map_structure(lambda x, y: (x, y), ordered, {"a": 3, "b": 4}) == OrderedDict(b=(1, 4), a=(2, 3))
    assert list(tree.map_structure(lambda x: x, {"b": 1, "a": 2})) == ["b", "a"]


def test_none_may_be_kept() -> None:
    assert tree.map_structure(lambda x: (x,), [None, 1]) == [(None,), (1,)]
    assert tree.map_structure(lambda x: (x,), [None, 1], none_is_leaf=False) == [None, (1,)]
    assert tree.map_structure(lambda x: (x,), None, none_is_leaf=False) is None
    with pytest.raises(ValueError, match="match"):
        tree.map_structure(lambda x, y: x, [None], [1], none_is_leaf=False)


DIFFERENT = [([1], (1,)), ([1], [1, 2]), ([1, [2]], [1, 2]), ({"a": 1}, {"b": 1}), ([1], [[1]]), (Point(1, 2), (1, 2))]


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
@pytest.mark.parametrize("check", [tree.assert_same_structure, lambda a, b: tree.map_structure(lambda x, y: x, a, b)])
def test_different_structures_are_an_error(check: Callable[[Any, Any], Any], a: Any, b: Any) -> None:
    with pytest.raises(ValueError, match="structure"):
        check(a, b)


def test_same_paths() -> None:
    tree.assert_same_paths([1, (2,)], (3, deque([4])))
    with pytest.raises(ValueError, match=r"only in `a` \[\(0,\)\], only in `b` \[\('a',\)\]"):
        tree.assert_same_paths([1], {"a": 1})


def test_check_types_is_deprecated() -> None:
    with pytest.warns(DeprecationWarning, match="has no effect"):
        tree.assert_same_structure([1], [2], check_types=True)


@pytest.mark.parametrize("values", [[1], [1, 2, 3]])
def test_packing_counts_the_values(values: list[int]) -> None:
    with pytest.raises(ValueError, match="2 leaves"):
        tree.pack_sequence_as([0, 0], values)


def test_packing_needs_an_iterable() -> None:
    with pytest.raises(TypeError, match="flat_sequence=5"):
        tree.pack_sequence_as([0, 0], 5)
    assert tree.pack_sequence_as([0, (0,)], iter("ab")) == ["a", ("b",)]


@pytest.mark.parametrize("function", [tree.map_structure, tree.map_shape_structure, tree.traverse])
def test_functions_must_be_callable(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="func=3"):
        function(3, [1])


@pytest.mark.parametrize(
    ("structure", "expected"),
    [
        ((None, 2), 1),
        ([1, 2], 1),
        ([(1, 2), [None]], [1, 1]),
        ({"a": (), "b": None}, {"a": 1, "b": 1}),
        (((1, 2), (3, 4)), (1, 1)),
        (("a",), (1,)),
    ],
)
def test_shapes_are_leaves(structure: Any, expected: Any) -> None:
    assert tree.map_shape_structure(lambda shape: 1, structure) == expected


@pytest.mark.parametrize("top_down", [True, False])
def test_traverse_can_put_none(top_down: bool) -> None:
    replaced = tree.traverse(lambda x: tree.MAP_TO_NONE if x == 1 else None, [1, (2, 1)], top_down=top_down)
    assert replaced == [None, (2, None)]
    assert tree.traverse(lambda x: tree.MAP_TO_NONE, [1], top_down=top_down) is None


def test_traverse_down_does_not_enter_what_it_put() -> None:
    assert tree.traverse(lambda x: tuple(x) if isinstance(x, list) else None, [1, [2]]) == (1, [2])
    assert tree.traverse(lambda x: tuple(x) if isinstance(x, list) else None, [1, [2]], top_down=False) == (1, (2,))


def test_registered_types_are_nodes() -> None:
    class Pair:
        def __init__(self, first: Any, second: Any) -> None:
            self.items = (first, second)

    assert tree.flatten([Pair(1, 2)]) != [1, 2]
    tree.register_node(Pair, lambda pair: (pair.items, None, (0, 1)), lambda _, items: Pair(*items))
    assert tree.flatten([Pair(1, [2])]) == [1, 2]
    assert tree.map_structure(lambda x: -x, Pair(1, [2])).items == (-1, [-2])


def test_a_structure_that_contains_itself_is_an_error() -> None:
    endless: list[Any] = [1]
    endless.append(endless)
    with pytest.raises(RecursionError):
        tree.flatten(endless)
