"""Operations and the nodes that calling them on symbolic tensors leaves in a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dl_ops import tree
from dl_ops.naming import auto_name, to_snake_case
from dl_ops.symbolic.keras_tensor import KerasHistory, KerasTensor, any_symbolic

if TYPE_CHECKING:
    from dl_ops.op import Op


class Node:
    """One call of an operation on symbolic tensors.

    Parameters
    ----------
    operation : Operation
    args, kwargs
        Arguments of the call; symbolic tensors anywhere inside them.
    outputs : structure of KerasTensor
        Given their history here.
    """

    __slots__ = ("args", "input_tensors", "kwargs", "operation", "output_tensors", "outputs")

    def __init__(self, operation: Operation, args: Sequence[Any], kwargs: Mapping[str, Any], outputs: Any) -> None:
        self.operation = operation
        self.args, self.kwargs = tuple(args), dict(kwargs)
        self.outputs = outputs
        self.input_tensors: list[KerasTensor] = [
            x for x in tree.flatten((self.args, self.kwargs)) if isinstance(x, KerasTensor)
        ]
        self.output_tensors: list[KerasTensor] = [x for x in tree.flatten(outputs) if isinstance(x, KerasTensor)]
        index = len(operation._inbound_nodes)
        for tensor_index, x in enumerate(self.output_tensors):
            x._keras_history = KerasHistory(operation, index, tensor_index)
        operation._inbound_nodes.append(self)
        for x in self.input_tensors:
            if x._keras_history is not None:
                x._keras_history.operation._outbound_nodes.append(self)

    @property
    def parent_nodes(self) -> list[Node]:
        """Nodes whose outputs this one takes, each once."""
        histories = [x._keras_history for x in self.input_tensors if x._keras_history is not None]
        return list(dict.fromkeys(history.operation._inbound_nodes[history.node_index] for history in histories))

    @property
    def is_input(self) -> bool:
        """Whether nothing flows into this node."""
        return not self.input_tensors

    def __repr__(self) -> str:
        return f"<Node of {self.operation.name}>"


class Operation:
    """Something that can be called on tensors, and on symbolic ones to add a node to a graph. Layers are operations.

    Parameters
    ----------
    name : str, optional
        By default made from the class's name.
    """

    _inbound_nodes: list[Node]
    _outbound_nodes: list[Node]
    _made_with: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        operation = super().__new__(cls)
        if cls.get_config is Operation.get_config:
            # only then are they asked for, and some hold tensors
            operation._made_with = (args, kwargs)
        return operation

    def __init__(self, name: Any = None) -> None:
        if name is None:
            name = auto_name(to_snake_case(type(self).__name__))
        if not isinstance(name, str) or "/" in name:
            raise ValueError(f"{type(self).__name__}(name={name!r}): expected a string without '/'")
        self.name = name
        self._inbound_nodes = []
        self._outbound_nodes = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if any_symbolic((args, kwargs)):
            return self.symbolic_call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute on tensors."""
        raise NotImplementedError(f"{type(self).__name__} does not define call()")

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Structure of symbolic tensors that `call` gives for symbolic arguments."""
        raise NotImplementedError(f"{type(self).__name__} does not define compute_output_spec()")

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Infer the outputs and, if the arguments record history, add a node to the graph."""
        outputs = self.compute_output_spec(*args, **kwargs)
        symbolic = [x for x in tree.flatten((args, kwargs)) if isinstance(x, KerasTensor)]
        return self.record_node(args, kwargs, outputs) if all(x.record_history for x in symbolic) else outputs

    def node_call(self, node: Node) -> tuple[Callable[..., Any], Sequence[Any], Mapping[str, Any]]:
        """What a run of the graph calls for one of the operation's nodes: a function and its arguments."""
        return self, node.args, node.kwargs

    def record_node(self, args: Sequence[Any], kwargs: Mapping[str, Any], outputs: Any) -> Any:
        """Add the node of one call to the graph and return its outputs, as tensors that record history."""
        outputs = tree.map_structure(_recording, outputs)
        Node(self, args, kwargs, outputs)
        return outputs

    def quantized_call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute on tensors with weights kept in fewer bits; for operations that define it."""
        raise NotImplementedError(f"{type(self).__name__} does not define quantized_call()")

    def rematerialized_call(self, layer_call: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """What computes the outputs where they are to be computed again for the gradient: see `Layer`.

        Parameters
        ----------
        layer_call : callable
            What computes them otherwise.
        *args, **kwargs
            Arguments that it will be called with.

        Returns
        -------
        callable
            `layer_call` itself: only layers know of a `RematScope`.
        """
        return layer_call

    def get_config(self) -> dict[str, Any]:
        """Return the name and the arguments that make an equal operation.

        Returns
        -------
        dict

        Raises
        ------
        NotImplementedError
            If an argument cannot be written to a configuration: then the class has to define ``get_config``.
        """
        from dl_ops.objects.arguments import arguments_config

        args, kwargs = self._made_with
        return {"name": self.name, **arguments_config(self, args, kwargs, without=("name",))}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make an operation from its configuration.

        Parameters
        ----------
        config : dict
            As `get_config` gives.

        Returns
        -------
        Operation

        Raises
        ------
        TypeError
            If the configuration does not fit the class.
        """
        try:
            return cls(**config)
        except TypeError as error:
            raise TypeError(f"{cls.__name__}.from_config(): {error}; configuration: {sorted(config)}") from error

    @property
    def input(self) -> Any:
        """Symbolic input of the first call: a tensor, or a list of tensors.

        Raises
        ------
        ValueError
            If the operation has never been called on symbolic tensors.
        """
        return _single_or_list(self._first_node("input").input_tensors)

    @property
    def output(self) -> Any:
        """Symbolic output of the first call: a tensor, or a list of tensors."""
        return _single_or_list(self._first_node("output").output_tensors)

    def _first_node(self, attribute: str) -> Node:
        if not self._inbound_nodes:
            raise ValueError(f"{self.name} has no {attribute}: it has not been called on a symbolic tensor")
        return self._inbound_nodes[0]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _recording(x: Any) -> Any:
    # tensors are copied so that a spec passed through, as by Identity, does not lose its own history
    if isinstance(x, KerasTensor):
        copy = KerasTensor(x.shape, x.dtype, sparse=x.sparse, ragged=x.ragged)
        copy._keras_mask = x._keras_mask
        return copy
    return x


def _single_or_list(tensors: list[KerasTensor]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


class OpCall(Operation):
    """An op with its static arguments, as a node's operation.

    Parameters
    ----------
    op : Op
    arguments : mapping from parameter name to value
        All of the op's arguments; tensors among them belong to the node and are not kept here.
    name : str, optional
    """

    def __init__(self, op: Op, arguments: Mapping[str, Any], name: str | None = None) -> None:
        super().__init__(name or auto_name(op.name))
        self.op = op
        self.options = {p.name: arguments[p.name] for p in op.parameters if p.role is None}

    def record(self, arguments: Mapping[str, Any]) -> Any:
        """Infer the result for bound arguments and add the node; tensors are positional arguments of the node."""
        from dl_ops.symbolic.inference import infer

        args = [arguments[p.name] for p in self.op.parameters if p.role is not None]
        return self.record_node(args, {}, infer(self.op, arguments))

    def _arguments(self, tensors: Sequence[Any]) -> dict[str, Any]:
        names = [p.name for p in self.op.parameters if p.role is not None]
        return {**self.options, **dict(zip(names, tensors, strict=True))}

    def node_call(self, node: Node) -> tuple[Callable[..., Any], Sequence[Any], Mapping[str, Any]]:
        return self.op.public, *self.op.unbind(self._arguments(node.args))

    @property
    def __public_path__(self) -> str:
        from dl_ops.symbolic.op_names import path_of

        return path_of(self.op)

    def get_config(self) -> dict[str, Any]:
        """Return what Keras gives the operation when it is made: its name and static arguments."""
        from dl_ops.symbolic.op_names import made_with

        return {"name": self.name, **made_with(self)}

    def call(self, *tensors: Any) -> Any:
        """Run the op."""
        args, kwargs = self.op.unbind(self._arguments(tensors))
        return self.op.public(*args, **kwargs)

    def compute_output_spec(self, *tensors: Any) -> Any:
        """Infer the op's result."""
        from dl_ops.symbolic.inference import infer

        return infer(self.op, self._arguments(tensors))
