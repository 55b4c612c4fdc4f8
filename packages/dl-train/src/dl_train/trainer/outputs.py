"""Which loss, weight, metric or target belongs to which of a model's outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """

    def __init__(self, structure: Any, names: Sequence[str] | None = None) -> None:
        self.structure = structure
        paths = [path for path, _ in tree.flatten_with_path(structure)]
        self.count = len(paths)
        self.single = self.count == 1
        if isinstance(structure, dict):
            self.names = ["_".join(map(str, path)) for path in paths]
        elif names is not None and len(names) == self.count:
            self.names = list(names)
        else:
            self.names = [f"output_{i}" for i in range(self.count)]

    def flat(
        self, given: Any, argument: str, *, broadcast: bool = False, complete: bool = True, deep: bool = True
    ) -> list[Any]:
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
        deep : bool, default True
            Whether what is given for an output is a leaf; else it may be a list.

        Raises
        ------
        ValueError
            If names or numbers do not match.
        """
        if given is None:
            return [None] * self.count
        if isinstance(given, Mapping):
            return self._by_name(given, argument, complete)
        if isinstance(given, (list, tuple)) and tree.is_nested(self.structure):
            if isinstance(self.structure, (list, tuple)) and len(self.structure) == len(given):
                return self._like_structure(given, argument) if deep or self._is_nested_deeper() else list(given)
            if len(given) == self.count:
                return list(given)
            raise ValueError(f"{argument} is a list of {len(given)}, the model has {self.count} outputs: {self.names}")
        if isinstance(given, (list, tuple)) and len(given) == 1 and deep:
            return list(given)
        if self.single or broadcast:
            return [given] * self.count
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

    def _is_nested_deeper(self) -> bool:
        return any(tree.is_nested(item) for item in self.structure)

    def _like_structure(self, given: Any, argument: str) -> list[Any]:
        columns: list[Any] = []
        try:
            tree.map_structure_up_to(self.structure, columns.append, given)
        except ValueError as error:
            raise ValueError(f"{argument} does not match the outputs {self.names}: {error}") from None
        return columns

    def _by_name(self, given: Mapping[str, Any], argument: str, complete: bool) -> list[Any]:
        if isinstance(self.structure, dict) and any(tree.is_nested(item) for item in self.structure.values()):
            return self._like_structure(given, argument)
        unknown = [name for name in given if name not in self.names]
        missing = [name for name in self.names if name not in given] if complete else []
        if unknown or missing:
            raise ValueError(f"{argument} has keys {list(given)}, the model has outputs {self.names}")
        return [given.get(name) for name in self.names]
