"""What is saved of an object: its own variables, its assets and its children, said by the object itself.

A weight file is a tree of groups. Each `Saveable` has one group, in which ``vars`` holds its own variables and each
child has a group named after it. Keras's names, which files must have to be read by Keras, follow from these rules:

- A child that is an attribute has the attribute's name.
- A child in a list, tuple or dictionary has, in the group of the container, the snake-case name of its class, numbered
  among all of its siblings of that class: ``layers/dense``, ``layers/dense_1``. A container in a container is called
  ``container``, ``container_1``.
- Children are visited in the order of their names, private names last (`in_keras_order`), depth first. An object that
  is reached twice is saved where it was reached first; its number in a container is used up all the same.
- Own variables are numbered: ``vars/0``, ``vars/1``, trainable ones first.
- Metrics and seed generators are not children: their state is not saved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Protocol, TypeAlias, Union

from dl_ops.naming import numbered, to_snake_case
from dl_ops.typing import Array

SavedChild: TypeAlias = Union["Saveable", Sequence["SavedChild"], Mapping[Any, "SavedChild"]]
"""A child, or a container of children; whatever else a container holds is left out."""

CONTAINER = "container"


class Saveable:
    """Base of what has state to save.

    Layers, models and optimizers are such. All methods have defaults: an object without variables, children and
    assets overrides none.

    Examples
    --------
    >>> import numpy as np
    >>> class Scale(Saveable):
    ...     def __init__(self, factor):
    ...         self.factor = np.asarray(factor)
    ...
    ...     def save_own_variables(self, store):
    ...         store["0"] = self.factor
    >>> class Pair(Saveable):
    ...     def __init__(self):
    ...         self.scales = [Scale(1.0), Scale(2.0)]
    ...
    ...     def saved_children(self):
    ...         return {"scales": self.scales}
    >>> [path for path, _ in walk(Pair())]
    ['', 'scales/scale', 'scales/scale_1']
    """

    def save_own_variables(self, store: MutableMapping[str, Array]) -> None:
        """Put this object's own variables, and not its children's, into `store`.

        Parameters
        ----------
        store : mutable mapping from str to numpy.ndarray
            The object's ``vars`` group, empty.
        """

    def load_own_variables(self, store: Mapping[str, Array]) -> None:
        """Take this object's own variables from `store`.

        Parameters
        ----------
        store : mapping from str to numpy.ndarray
            What `save_own_variables` wrote, or nothing if the file has no such group.

        Raises
        ------
        ValueError
            If the variables do not fit; nothing is changed then.
        """

    def saved_children(self) -> Mapping[str, SavedChild]:
        """Return the children by the names of their groups, in the order in which they are to be visited."""
        return {}

    def save_assets(self, directory: str) -> None:
        """Write what is no variable, such as a vocabulary, as files into an empty directory."""

    def load_assets(self, directory: str) -> None:
        """Read what `save_assets` wrote."""


class _Variable(Protocol):
    @property
    def shape(self) -> Any: ...
    @property
    def name(self) -> str: ...
    def numpy(self) -> Array: ...
    def assign(self, value: Any) -> Any: ...


def in_keras_order(children: Mapping[str, SavedChild]) -> dict[str, SavedChild]:
    """Children that are attributes in the order in which Keras visits them: by name, private ones last.

    Examples
    --------
    >>> list(in_keras_order({"_softmax": [], "value_dense": [], "Zeta": [], "key_dense": []}))
    ['Zeta', 'key_dense', 'value_dense', '_softmax']
    """
    return dict(sorted(children.items(), key=lambda item: (item[0].startswith("_"), item[0])))


def walk(root: Saveable) -> Iterator[tuple[str, Saveable]]:
    """Visit an object and all below it.

    Parameters
    ----------
    root : Saveable

    Yields
    ------
    path : str
        Of the object's group, ``"layers/dense_1"``; ``""`` for `root`.
    saveable : Saveable
        Each object once, at the path where it is reached first.

    Raises
    ------
    ValueError
        If the name of a child cannot be a group's.
    """
    yield from _walk(root, "", {})


def _walk(saveable: Saveable, path: str, visited: dict[int, Saveable]) -> Iterator[tuple[str, Saveable]]:
    if id(saveable) in visited:
        return
    if "vars" in path.split("/"):
        raise ValueError(
            f"the group {path!r} of {saveable!r} would be among variables: give the attribute another name"
        )
    visited[id(saveable)] = saveable
    yield path, saveable
    for name, child in saveable.saved_children().items():
        if not name or "/" in name or name in (".", "..", "vars"):
            raise ValueError(
                f"{type(saveable).__name__} has a child named {name!r}, which cannot be the name of a group"
            )
        yield from _walk_child(child, f"{path}/{name}" if path else name, visited)


def _walk_child(child: Any, path: str, visited: dict[int, Saveable]) -> Iterator[tuple[str, Saveable]]:
    if isinstance(child, Saveable):
        yield from _walk(child, path, visited)
        return
    if not isinstance(child, (Sequence, Mapping)):
        raise TypeError(f"saved_children() gave {child!r} for {path!r}: expected a Saveable or a container of such")
    used: Counter[str] = Counter()
    for item in child.values() if isinstance(child, Mapping) else child:
        if not isinstance(item, (Saveable, list, tuple, dict)):
            continue
        name = to_snake_case(type(item).__name__) if isinstance(item, Saveable) else CONTAINER
        used[name] += 1
        yield from _walk_child(item, f"{path}/{numbered(name, used[name])}", visited)


def save_variables(variables: Sequence[_Variable], store: MutableMapping[str, Array]) -> None:
    """Put variables into a store by their positions, which is how all but a few objects save their own.

    Parameters
    ----------
    variables : sequence of Variable
        Trainable ones first, each kind in the order of creation.
    store : mutable mapping from str to numpy.ndarray

    Examples
    --------
    >>> store = {}
    >>> save_variables([], store)
    >>> store
    {}
    """
    for position, variable in enumerate(variables):
        store[str(position)] = variable.numpy()


def load_variables(variables: Sequence[_Variable], store: Mapping[str, Array], owner: str) -> None:
    """Assign variables what `save_variables` put into a store: all of them, or none if they do not fit.

    Parameters
    ----------
    variables : sequence of Variable
    store : mapping from str to numpy.ndarray
    owner : str
        Whose variables they are, for errors: ``"layer 'dense'"``.

    Raises
    ------
    ValueError
        If there are too few or too many, or one has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> load_variables([], {"0": np.zeros(2)}, "layer 'dense'")
    Traceback (most recent call last):
        ...
    ValueError: layer 'dense' has 0 variables [], the file has 1 for it
    """
    names = [str(position) for position in range(len(variables))]
    if set(store.keys()) != set(names):
        expected = ", ".join(variable.name for variable in variables)
        raise ValueError(f"{owner} has {len(variables)} variables [{expected}], the file has {len(store)} for it")
    values = [store[name] for name in names]
    for variable, value in zip(variables, values, strict=True):
        if tuple(variable.shape) != tuple(value.shape):
            raise ValueError(
                f"{owner}: the variable {variable.name!r} has shape {tuple(variable.shape)}, "
                f"the file has one of shape {tuple(value.shape)} for it"
            )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
