"""Functional models in configs, in Keras's format: layers with the calls that connect them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from dl_ops import tree
from dl_ops.objects import deserialize_keras_object, serialize_keras_object
from dl_ops.symbolic import KerasTensor, Node, Operation
from dl_ops.symbolic.graph import source_node
from dl_ops.symbolic.op_names import NamedOp, called_with

if TYPE_CHECKING:
    from dl_train.models.functional import Functional

KEYS: Final = frozenset({"name", "layers", "input_layers", "output_layers"})
"""What a config of a functional model has."""

Place = tuple[str, int, int]
_Tensors = dict[tuple[str, int], list[KerasTensor]]


# -- writing ----------------------------------------------------------------------------------------------------


def functional_config(model: Functional) -> dict[str, Any]:
    """Config of a functional model.

    Parameters
    ----------
    model : Functional

    Returns
    -------
    dict
    """
    operations = model.operations
    kept = {id(node) for node in model._function.nodes}
    kept.update(id(source_node(x)) for x in model.inputs)
    # only calls inside the model are written, so they are counted anew
    nodes = {
        operation.name: [node for node in operation._inbound_nodes if id(node) in kept] for operation in operations
    }
    index = {id(node): i for calls in nodes.values() for i, node in enumerate(calls)}

    def place(x: KerasTensor) -> Place:
        history = x._keras_history
        node = source_node(x)
        assert history is not None
        return (history.operation.name, index[id(node)], history.tensor_index)

    def end(x: KerasTensor) -> list[Any]:
        name, node, tensor = place(x)
        assert x._keras_history is not None
        return [name, node + _built_in_calls(x._keras_history.operation), tensor]

    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": [_operation(operation, nodes[operation.name], place) for operation in operations],
        "input_layers": tree.map_structure(end, model.input),
        "output_layers": tree.map_structure(end, model.output),
    }


def _built_in_calls(operation: Any) -> int:
    """What Keras adds to the numbers of a functional model's calls, in the lists of inputs and outputs alone."""
    from dl_train.models.functional import Functional

    return 1 if isinstance(operation, Functional) else 0


def _operation(operation: Operation, nodes: list[Node], place: Callable[[KerasTensor], Place]) -> dict[str, Any]:
    config: dict[str, Any] = serialize_keras_object(operation)
    config["name"] = operation.name
    config["inbound_nodes"] = [_call(node, place) for node in nodes if not node.is_input]
    return config


def _call(node: Node, place: Callable[[KerasTensor], Place]) -> dict[str, Any]:
    args, kwargs = called_with(node)

    def write(x: Any) -> Any:
        if isinstance(x, KerasTensor):
            where = {"shape": x.shape, "dtype": x.dtype, "keras_history": list(place(x))}
            return {"class_name": "__keras_tensor__", "config": where}
        if isinstance(x, (list, tuple)):
            return [write(item) for item in x]
        if isinstance(x, dict):
            return {key: write(item) for key, item in x.items()}
        return serialize_keras_object(x)

    return {"args": write(args), "kwargs": write(dict(kwargs))}


# -- reading ----------------------------------------------------------------------------------------------------


class _Graph:
    """Layers of a config, called one after the other as soon as what they take is there."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.operations: dict[str, Any] = {}
        self.tensors: _Tensors = {}
        pending: list[tuple[str, int, Any]] = []
        for entry in config["layers"]:
            name = entry.get("name") or entry["config"].get("name")
            if not isinstance(name, str):
                raise ValueError(f"a layer of the config has no name: {sorted(entry)}")
            if name in self.operations:
                raise ValueError(f"two layers of the config have the name {name!r}")
            described = {key: value for key, value in entry.items() if key not in ("name", "inbound_nodes")}
            operation = self.operations[name] = deserialize_keras_object(described)
            if not isinstance(operation, (Operation, NamedOp)):
                raise ValueError(f"{name!r} in the config is no layer: it is {operation!r}")
            calls = entry.get("inbound_nodes") or []
            if not all(map(_places, calls)):
                # it would be run here and now, on sizes that a file chooses
                raise ValueError(f"{name!r} in the config is called without a symbolic tensor: {calls}")
            pending += [(name, i, call) for i, call in enumerate(calls)]
            if not calls and isinstance(operation, Operation):
                self.tensors |= {(name, i): node.output_tensors for i, node in enumerate(operation._inbound_nodes[:1])}
        self._call_all(pending)

    def _call_all(self, pending: list[tuple[str, int, Any]]) -> None:
        while pending:
            left = []
            for name, index, call in pending:
                if not self._can_call(name, index, call):
                    left.append((name, index, call))
                    continue
                args, kwargs = self._arguments(call)
                outputs = self.operations[name](*args, **kwargs)
                self.tensors[name, index] = [x for x in tree.flatten(outputs) if isinstance(x, KerasTensor)]
            if len(left) == len(pending):
                names = sorted({name for name, _, _ in left})
                raise ValueError(f"the config's graph has no order in which these could be called: {names}")
            pending = left

    def _can_call(self, name: str, index: int, call: Any) -> bool:
        # a layer's calls keep their order, by which they are referred to
        return (index == 0 or (name, index - 1) in self.tensors) and all(
            (where[0], where[1]) in self.tensors for where in _places(call)
        )

    def _arguments(self, call: Any) -> tuple[list[Any], dict[str, Any]]:
        if isinstance(call, Mapping):
            return self._read(call.get("args", [])), self._read(call.get("kwargs", {}))
        # as written before Keras 3: a list of [layer, node, tensor, keyword arguments]
        tensors = [self.tensor(item) for item in call]
        kwargs = {key: value for item in call if len(item) > 3 for key, value in item[3].items()}
        return [tensors[0] if len(tensors) == 1 else tensors], self._read(kwargs)

    def _read(self, x: Any) -> Any:
        if isinstance(x, (list, tuple)):
            return [self._read(item) for item in x]
        if isinstance(x, dict):
            if x.get("class_name") == "__keras_tensor__":
                return self.tensor(x["config"]["keras_history"])
            if "class_name" not in x:
                return {key: self._read(item) for key, item in x.items()}
        return deserialize_keras_object(x)

    def tensor(self, where: Any) -> KerasTensor:
        """Symbolic tensor at a place ``[layer, node, tensor]``."""
        name, node, index = where[0], where[1], where[2]
        outputs = self.tensors.get((name, node))
        if outputs is None or not isinstance(index, int) or not 0 <= index < len(outputs):
            raise ValueError(f"the config refers to {where}, which is no output of its layers {list(self.operations)}")
        return outputs[index]

    def structure(self, places: Any) -> Any:
        """Structure of tensors for one of places."""
        if _is_place(places):
            name, node, index = places
            return self.tensor([name, node - _built_in_calls(self.operations.get(name)), index])
        if isinstance(places, dict):
            return {key: self.structure(item) for key, item in places.items()}
        if isinstance(places, (list, tuple)):
            return type(places)([self.structure(item) for item in places])
        raise ValueError(f"expected the place of a tensor, [layer, node, tensor], got {places!r}")


def _is_place(x: Any) -> bool:
    return (
        isinstance(x, (list, tuple))
        and len(x) == 3
        and isinstance(x[0], str)
        and all(isinstance(item, int) for item in x[1:])
    )


def _places(call: Any) -> list[Any]:
    """All references to tensors in a call's config."""
    if not isinstance(call, Mapping):
        return [item[:3] for item in call]
    found, stack = [], [call]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if item.get("class_name") == "__keras_tensor__":
                found.append(item["config"]["keras_history"])
            else:
                stack.extend(item.values())
        elif isinstance(item, (list, tuple)):
            stack.extend(item)
    return found


def functional_from_config(cls: type[Functional], config: Mapping[str, Any]) -> Functional:
    """Make a functional model from its config.

    Parameters
    ----------
    cls : type
        `Functional` or a subclass with the same constructor.
    config : mapping

    Returns
    -------
    Functional

    Raises
    ------
    ValueError
        If the config refers to tensors that no layer gives.
    """
    graph = _Graph(config)
    inputs, outputs = graph.structure(config["input_layers"]), graph.structure(config["output_layers"])
    options = {key: value for key, value in config.items() if key not in KEYS | {"dtype"}}
    return cls(inputs, outputs, name=config.get("name"), **options)
