"""Nested structures of Python containers: flatten, map over and rebuild them.

Nodes are lists, tuples, named tuples, dictionaries (plain, default and ordered) and deques, and types given to
`register_node`; everything else is a leaf: subclasses of the containers, sets, arrays, and also ``None``. Plain and
default dictionaries are visited in the order of their sorted keys, ordered ones in their own order.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any, Final

import optree

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "register_node",
    "traverse",
]

NAMESPACE: Final = "dl"
_MAX_KNOWN: Final = 1024

# Types seen as leaves: asking optree costs more than most of the calls that the training loop makes.
_leaf_types: set[type] = {type(None), bool, int, float, str}


class MAP_TO_NONE:
    """What the function given to `traverse` returns to put ``None`` in the place of a substructure."""


def register_node(
    cls: type[Any],
    flatten_func: Callable[[Any], tuple[Iterable[Any], Any, Iterable[Any]]],
    unflatten_func: Callable[[Any, Iterable[Any]], Any],
) -> None:
    """Make instances of a class nodes instead of leaves.

    Parameters
    ----------
    cls : type
    flatten_func : callable
        From an instance to its children, whatever else is needed to rebuild it (comparable with ``==``), and the
        children's path entries.
    unflatten_func : callable
        From that metadata and new children to an instance.

    Raises
    ------
    ValueError
        If the class is registered already.
    """
    optree.register_pytree_node(cls, flatten_func, unflatten_func, namespace=NAMESPACE)
    _leaf_types.discard(cls)


def _is_leaf(structure: Any) -> bool:
    if type(structure) in _leaf_types:
        return True
    return optree.tree_is_leaf(structure, none_is_leaf=True, namespace=NAMESPACE)


def is_nested(structure: Any) -> bool:
    """Whether `structure` is a node, even an empty one.

    Examples
    --------
    >>> is_nested([]), is_nested({"a": 1}), is_nested("ab"), is_nested(None)
    (True, True, False, False)
    """
    return not _is_leaf(structure)


def flatten(structure: Any) -> list[Any]:
    """List of the leaves; of a leaf, a list of itself.

    Examples
    --------
    >>> flatten({"b": [1, None], "a": (2, ())})
    [2, 1, None]
    """
    kind = type(structure)
    if kind in _leaf_types:
        return [structure]
    if (kind is list or kind is tuple) and _leaf_types.issuperset(map(type, structure)):
        return list(structure)
    leaves: list[Any] = optree.tree_leaves(structure, none_is_leaf=True, namespace=NAMESPACE)
    if len(_leaf_types) < _MAX_KNOWN:
        _leaf_types.update(map(type, leaves))
    return leaves


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """List of pairs of the leaves' paths, as tuples of keys and positions, and the leaves.

    Examples
    --------
    >>> flatten_with_path({"b": [1, None], "a": 2})
    [(('a',), 2), (('b', 0), 1), (('b', 1), None)]
    """
    paths, leaves, _ = optree.tree_flatten_with_path(structure, none_is_leaf=True, namespace=NAMESPACE)
    return list(zip(paths, leaves, strict=True))


def _check_callable(func: Any, caller: str) -> None:
    if not callable(func):
        raise TypeError(f"{caller}(func={func!r}): expected a callable")


def _leaves_like(spec: Any, structures: tuple[Any, ...], caller: str) -> list[list[Any]]:
    """Subtrees of each structure at the places where `spec`'s leaves are."""
    columns = []
    for position, structure in enumerate(structures):
        try:
            columns.append(spec.flatten_up_to(structure))
        except ValueError as error:
            raise ValueError(f"{caller}: structure {position} does not match: {error}") from error
    return columns


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """Structure of the values of a function at corresponding leaves.

    Parameters
    ----------
    func : callable
        Takes a leaf of each structure.
    *structures : any
        One or more structures that are alike: same types of nodes, same lengths and keys. The kinds of dictionaries
        may differ.
    none_is_leaf : bool, default True
        Whether `func` is called with ``None`` too; else ``None`` is kept.

    Returns
    -------
    any
        Nodes as in the first structure.

    Raises
    ------
    TypeError
        If `func` is not callable.
    ValueError
        If there is no structure, or the structures differ.

    Examples
    --------
    >>> map_structure(lambda x, y: x + y, {"a": [1, 2]}, {"a": [10, 20]})
    {'a': [11, 22]}
    """
    _check_callable(func, "map_structure")
    if not structures:
        raise ValueError("map_structure needs at least one structure")
    first = structures[0]
    if len(structures) == 1:
        if type(first) in _leaf_types and (none_is_leaf or first is not None):
            return func(first)
        return optree.tree_map(func, first, none_is_leaf=none_is_leaf, namespace=NAMESPACE)
    leaves, spec = optree.tree_flatten(first, none_is_leaf=none_is_leaf, namespace=NAMESPACE)
    columns = _leaves_like(spec, structures[1:], "map_structure")
    for position, column in enumerate(columns, start=1):
        for leaf in column:
            # what is a leaf in the first structure must not be a node in another
            if not (_is_leaf(leaf) and (none_is_leaf or leaf is not None)):
                raise ValueError(f"map_structure: structures[{position}] has {leaf!r} where structures[0] has a leaf")
    return spec.unflatten(map(func, leaves, *columns))


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """Like `map_structure`, with the substructures found where `shallow_structure` has leaves handed to `func` whole.

    Parameters
    ----------
    shallow_structure : any
        Says how deep to go; its leaves do not matter.
    func : callable
        Takes a substructure of each of `structures`.
    *structures : any
        One or more structures that have `shallow_structure`'s nodes.

    Returns
    -------
    any
        Nodes as in `shallow_structure`.

    Raises
    ------
    TypeError
        If `func` is not callable.
    ValueError
        If there is no structure, or one lacks a node.

    Examples
    --------
    >>> map_structure_up_to(["x", "y"], len, [(1, 2, 3), {"a": 1}])
    [3, 1]
    """
    _check_callable(func, "map_structure_up_to")
    if not structures:
        raise ValueError("map_structure_up_to needs at least one structure")
    spec = optree.tree_structure(shallow_structure, none_is_leaf=True, namespace=NAMESPACE)
    return spec.unflatten(map(func, *_leaves_like(spec, structures, "map_structure_up_to")))


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Raise an error unless two structures have the same nodes.

    Parameters
    ----------
    a, b : any
        The kinds of dictionaries, and an ordered one's order, may differ; all else must be alike.
    check_types : deprecated
        Has no effect.

    Raises
    ------
    ValueError
        If the structures differ.

    Examples
    --------
    >>> assert_same_structure([1, {"a": 2}], [None, {"a": "b"}])
    """
    if check_types is not None:
        advice = (
            "leave it out" if check_types else "use assert_same_paths where lists and tuples may stand for each other"
        )
        message = f"assert_same_structure(check_types={check_types!r}) has no effect: {advice}"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
    spec = optree.tree_structure(a, none_is_leaf=True, namespace=NAMESPACE)
    (column,) = _leaves_like(spec, (b,), "assert_same_structure")
    for leaf in column:
        if not _is_leaf(leaf):
            raise ValueError(f"assert_same_structure: `b` has {leaf!r} where `a` has a leaf")


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise an error unless two structures have leaves at the same paths, whatever their nodes are.

    Parameters
    ----------
    a, b : any
        A list, a tuple and a deque of one length have the same paths.

    Raises
    ------
    ValueError
        If a path is missing in either; the paths are listed.

    Examples
    --------
    >>> assert_same_paths([1, {"a": 2}], (None, {"a": "b"}))
    """
    paths = [dict.fromkeys(path for path, _ in flatten_with_path(structure)) for structure in (a, b)]
    missing = [[path for path in paths[i] if path not in paths[1 - i]] for i in (0, 1)]
    if any(missing):
        raise ValueError(f"structures have different paths: only in `a` {missing[0]}, only in `b` {missing[1]}")


def pack_sequence_as(structure: Any, flat_sequence: Any) -> Any:
    """Structure with the nodes of `structure` and the leaves of `flat_sequence`; the inverse of `flatten`.

    Parameters
    ----------
    structure : any
        Its leaves do not matter.
    flat_sequence : iterable
        As many values as `structure` has leaves, in the order of `flatten`.

    Returns
    -------
    any

    Raises
    ------
    TypeError
        If `flat_sequence` is not iterable.
    ValueError
        If it has too few or too many values.

    Examples
    --------
    >>> pack_sequence_as({"b": [0, 0], "a": 0}, ["x", "y", "z"])
    {'b': ['y', 'z'], 'a': 'x'}
    """
    if not isinstance(flat_sequence, Iterable):
        kind = type(flat_sequence).__name__
        raise TypeError(f"pack_sequence_as(flat_sequence={flat_sequence!r}): expected an iterable, got {kind}")
    values = list(flat_sequence)
    spec = optree.tree_structure(structure, none_is_leaf=True, namespace=NAMESPACE)
    if len(values) != spec.num_leaves:
        raise ValueError(f"pack_sequence_as: the structure has {spec.num_leaves} leaves, flat_sequence {len(values)}")
    return spec.unflatten(values)


def lists_to_tuples(structure: Any) -> Any:
    """Structure with a tuple in the place of every list.

    Examples
    --------
    >>> lists_to_tuples({"a": [1, [2]]})
    {'a': (1, (2,))}
    """
    return traverse(lambda x: tuple(x) if type(x) is list else None, structure, top_down=False)


def _is_shape(x: Any) -> bool:
    return isinstance(x, (list, tuple)) and all(size is None or isinstance(size, int) for size in x)


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """Like `map_structure`, with lists and tuples of integers and ``None`` taken for leaves: they are shapes.

    Parameters
    ----------
    func : callable
        Takes a shape.
    structure : any

    Returns
    -------
    any

    Raises
    ------
    TypeError
        If `func` is not callable.

    Examples
    --------
    >>> map_shape_structure(len, {"image": (None, 8, 8, 1), "scalars": [(None, 3), (None,)]})
    {'image': 4, 'scalars': [2, 1]}
    """
    _check_callable(func, "map_shape_structure")
    return optree.tree_map(func, structure, is_leaf=_is_shape, none_is_leaf=True, namespace=NAMESPACE)


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """Give a function every node and leaf, and let it replace any of them.

    Parameters
    ----------
    func : callable
        Takes a substructure, and returns what to put in its place, ``None`` to keep it, or `MAP_TO_NONE` to put
        ``None``.
    structure : any
    top_down : bool, default True
        Whether `func` sees a node before its children; what it then puts in a node's place is not visited. Else it
        sees the node rebuilt from what became of its children.

    Returns
    -------
    any
        A new structure.

    Raises
    ------
    TypeError
        If `func` is not callable.

    Examples
    --------
    >>> traverse(lambda x: sum(x) if isinstance(x, tuple) else None, [1, (2, 3), {"a": (4,)}])
    [1, 5, {'a': 4}]
    """
    _check_callable(func, "traverse")
    if top_down:
        replacement = func(structure)
        if replacement is not None:
            return None if replacement is MAP_TO_NONE else replacement
    if not _is_leaf(structure):
        children, spec = optree.tree_flatten(
            structure, is_leaf=lambda x: x is not structure, none_is_leaf=True, namespace=NAMESPACE
        )
        structure = spec.unflatten(traverse(func, child, top_down) for child in children)
    if not top_down:
        replacement = func(structure)
        if replacement is not None:
            return None if replacement is MAP_TO_NONE else replacement
    return structure
