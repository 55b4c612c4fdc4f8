"""A model's variables, those of its optimizer and its metrics as nested dictionaries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from dl_ops import ops
from dl_ops.interchange import convert_to_numpy
from dl_ops.variable import Variable
from dl_train.trainer.outputs import free_name

if TYPE_CHECKING:
    from dl_train.models.model import Model

_FORMATS: Final = ("backend_tensor", "numpy_array")

# optimizers and layers' generators have numbers in their names that no two models share
_NUMBERED: Final = re.compile(r"^(seed_generator)_\d+/")
_NUMBERED_OPTIMIZER: Final = re.compile(r"^(\w+?)_\d+/")

Path = tuple[str, ...]


def state_tree(model: Model, value_format: str) -> dict[str, Any]:
    """Values of a model's variables: see `Model.get_state_tree`."""
    if value_format not in _FORMATS:
        raise ValueError(f"get_state_tree(value_format={value_format!r}): expected one of {list(_FORMATS)}")
    state: dict[str, Any] = {}
    for kind, variables in _kinds(model).items():
        state[kind] = {}
        for path, variable in _paths(kind, variables).items():
            node = state[kind]
            for part in path[:-1]:
                node = node.setdefault(part, {})
            node[path[-1]] = variable.value if value_format == "backend_tensor" else variable.numpy()
    return state


def assign_state_tree(model: Model, state: Mapping[str, Any]) -> None:
    """Assign what `state_tree` gave, or a part of it; all or, if something does not fit, nothing."""
    kinds = _kinds(model)
    assignments: list[tuple[Variable, Any]] = []
    for kind, values in state.items():
        if kind not in kinds:
            raise ValueError(f"set_state_tree(): unknown key {kind!r}, expected some of {list(kinds)}")
        variables = _paths(kind, kinds[kind])
        for path, value in _leaves(values):
            name = "/".join((kind, *path))
            if path not in variables:
                raise ValueError(f"set_state_tree(): model {model.name!r} has no variable {name!r}")
            variable = variables[path]
            array = convert_to_numpy(value)
            if array.shape != tuple(variable.shape):
                raise ValueError(
                    f"set_state_tree(): {name!r} has shape {array.shape}, the variable {tuple(variable.shape)}"
                )
            assignments.append((variable, value))
    for variable, value in assignments:
        variable.assign(ops.convert_to_tensor(value))


def _kinds(model: Model) -> dict[str, list[Variable]]:
    # what metrics that are attributes keep is listed once, with the metrics
    of_metrics = {id(variable) for variable in model.metrics_variables}
    return {
        "trainable_variables": model.trainable_variables,
        "non_trainable_variables": [v for v in model.non_trainable_variables if id(v) not in of_metrics],
        "optimizer_variables": [] if model.optimizer is None else model.optimizer.variables,
        "metrics_variables": model.metrics_variables,
    }


def _paths(kind: str, variables: list[Variable]) -> dict[Path, Variable]:
    """Variables by the parts of their paths; of several with one path, as of equal metrics, the later get numbers."""
    numbered = _NUMBERED_OPTIMIZER if kind == "optimizer_variables" else _NUMBERED
    found: dict[str, Variable] = {}
    for variable in variables:
        path = numbered.sub(r"\1/", variable.path)
        # a variable cannot be where others are below
        while any(known.startswith(f"{path}/") for known in found):
            path = f"{path}_1"
        found[free_name(path, found)] = variable
    return {tuple(path.split("/")): variable for path, variable in found.items()}


def _leaves(node: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    if not isinstance(node, Mapping):
        return [(path, node)]
    return [leaf for name, item in node.items() for leaf in _leaves(item, (*path, str(name)))]
