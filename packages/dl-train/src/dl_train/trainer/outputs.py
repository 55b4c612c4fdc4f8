"""Which loss, weight, metric or target belongs to which of a model's outputs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from dl_ops import tree

_NODES: Final = (dict, list, tuple)


class Outputs:
    """The outputs of a model, flattened, and their names.

    Parameters
    ----------
    structure : structure
        With a leaf for each output.
    names : sequence of str, optional
        Of the outputs, where the model knows them.

    Examples
    --------
    >>> outputs = Outputs([0, 0], ["a", "b"])
    >>> outputs.flat({"b": 2, "a": 1}, "y"), outputs.flat([1, 2], "y"), outputs.flat("mse", "loss", broadcast=True)
    ([1, 2], [1, 2], ['mse', 'mse'])
    >>> Outputs({"p": 0, "inner": {"q": 0}}).flat({"inner": {"q": 1}, "p": 2}, "y")
    [1, 2]
    """

    def __init__(self, structure: Any, names: Sequence[str] | None = None) -> None:
        self.structure = structure
        self._paths = [path for path, _ in tree.flatten_with_path(structure)]
        self.count = len(self._paths)
        self.single = self.count == 1
        self._given_names = list(names) if names is not None and len(names) == self.count else None
        self._by_key = isinstance(structure, dict) and all(len(path) == 1 for path in self._paths)
        if self._by_key:
            self.names = [str(path[0]) for path in self._paths]
        else:
            self.names = self._given_names or [f"output_{i}" for i in range(self.count)]

    def name_for_loss(self, i: int, loss_name: str) -> str:
        """What the loss of an output is called in logs, without the suffix: where it is, as in ``"inner/q"``.

        Parameters
        ----------
        i : int
        loss_name : str
            Stands for the name of an output that has none.
        """
        path = [str(part) for part in self._paths[i]]
        if path and not self._is_in_dict(i):
            path[-1] = loss_name if self._given_names is None else self._given_names[i]
        return "/".join(path) or self.names[i]

    def metric_prefix(self, i: int) -> str:
        """What comes before the names of an output's metrics in logs: nothing where outputs have no names."""
        if self.single:
            return ""
        if self._by_key:
            return f"{self.names[i]}_"
        return "" if self._given_names is None else f"{self._given_names[i]}_"

    def _is_in_dict(self, i: int) -> bool:
        node = self.structure
        for part in self._paths[i][:-1]:
            node = node[part]
        return isinstance(node, dict)

    def flat(self, given: Any, argument: str, *, broadcast: bool = False, complete: bool = True) -> list[Any]:
        """What is given for each output, in order; ``None`` where there is nothing.

        Parameters
        ----------
        given : any
            One thing, a list in the order of the outputs, a dictionary by their names, or a structure like theirs.
        argument : str
            What the user calls it, for errors.
        broadcast : bool, default False
            Whether one thing stands for all outputs.
        complete : bool, default True
            Whether a dictionary must have all outputs.

        Raises
        ------
        ValueError
            If names or numbers do not match.
        """
        entries: list[Any] = [None] * self.count
        for i, entry in self.pairs(given, argument, broadcast=broadcast, complete=complete):
            entries[i] = entry
        return entries

    def pairs(
        self, given: Any, argument: str, *, broadcast: bool = False, complete: bool = True
    ) -> list[tuple[int, Any]]:
        """Like `flat`: numbers of outputs and what is given for each, in the order in which it is given."""
        if given is None:
            return []
        if isinstance(given, Mapping):
            like_structure = isinstance(self.structure, dict) and all(key in self.structure for key in given)
            if like_structure:
                return self._like(self.structure, given, argument, (), complete)
            return self._by_name(given, argument, complete)
        if isinstance(given, (list, tuple)) and isinstance(self.structure, (list, tuple)):
            if len(self.structure) == len(given):
                return self._like(self.structure, given, argument, (), complete)
            if len(given) == self.count:
                return list(enumerate(given))
            raise ValueError(f"{argument} is a list of {len(given)}, the model has {self.count} outputs: {self.names}")
        if isinstance(given, (list, tuple)) and len(given) == self.count and tree.is_nested(self.structure):
            return list(enumerate(given))
        if isinstance(given, (list, tuple)) and len(given) == 1 and self.single:
            return [(0, given[0])]
        if self.single or (broadcast and not isinstance(given, (list, tuple))):
            return [(i, given) for i in range(self.count)]
        raise ValueError(f"{argument} must be a list or dictionary with an entry for each of the outputs {self.names}")

    def triples(self, y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """Targets, predictions and weights of each output."""
        if self.single and not isinstance(y_true, _NODES) and not isinstance(y_pred, _NODES):
            # one output: what most models have, at each step
            return [y_true], [y_pred], [sample_weight]
        return (
            self.flat(y_true, "y", complete=False),
            tree.flatten(y_pred),
            self.flat(sample_weight, "sample_weight", broadcast=True, complete=False),
        )

    def _like(
        self, structure: Any, given: Any, argument: str, path: tuple[Any, ...], complete: bool
    ) -> list[tuple[int, Any]]:
        """Pairs from something like (a part of) the outputs, in which lists and tuples are the same."""
        if not isinstance(structure, _NODES):
            return [(self._paths.index(path), given)]
        if given is None and not complete:
            return []
        keys = self._keys(structure, given, argument, path, complete)
        return [
            pair for key in keys for pair in self._like(structure[key], given[key], argument, (*path, key), complete)
        ]

    def _keys(self, structure: Any, given: Any, argument: str, path: tuple[Any, ...], complete: bool) -> Sequence[Any]:
        where = argument + "".join(f"[{part!r}]" for part in path)
        if isinstance(structure, dict):
            if not isinstance(given, Mapping):
                raise ValueError(f"{where} must be a dictionary with the keys {list(structure)}, got {given!r}")
            unknown = [key for key in given if key not in structure]
            # as in Keras, one of the outputs themselves may be left out, nothing inside of one
            missing = [key for key in structure if key not in given] if complete and path else []
            if unknown or missing:
                raise ValueError(f"{where} has keys {list(given)}, the model's outputs have {list(structure)}")
            return list(given)
        if not isinstance(given, (list, tuple)) or len(given) != len(structure):
            raise ValueError(f"{where} must be a list of {len(structure)} like the model's outputs, got {given!r}")
        return range(len(structure))

    def _by_name(self, given: Mapping[str, Any], argument: str, complete: bool) -> list[tuple[int, Any]]:
        unknown = [name for name in given if name not in self.names]
        missing = [name for name in self.names if name not in given] if complete else []
        if unknown or missing:
            raise ValueError(f"{argument} has keys {list(given)}, the model has outputs {self.names}")
        return [(self.names.index(name), entry) for name, entry in given.items()]


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number if it is taken."""
    free, number = name, 1
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
