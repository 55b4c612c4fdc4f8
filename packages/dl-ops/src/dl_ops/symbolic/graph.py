"""A graph between symbolic inputs and outputs, as a callable operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dl_ops import tree
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.symbolic.operation import Node, Operation

Call = Callable[[list[Any]], None]


def map_graph(inputs: Iterable[KerasTensor], outputs: Iterable[KerasTensor]) -> list[Node]:
    """Nodes between inputs and outputs, each after those it takes from.

    Raises
    ------
    ValueError
        If an output depends on a tensor that is neither an input nor computed from inputs.
    """
    given = {id(x) for x in inputs}
    order: list[Node] = []
    done: set[int] = set()
    stack: list[tuple[KerasTensor | Node, bool]] = [(x, False) for x in reversed(list(outputs))]
    while stack:
        item, expanded = stack.pop()
        if isinstance(item, KerasTensor):
            if id(item) in given:
                continue
            history = item._keras_history
            node = history.operation._inbound_nodes[history.node_index] if history is not None else None
            if node is None or node.is_input:
                raise ValueError(f"the graph is disconnected: {item!r} is no input and not computed from the inputs")
            stack.append((node, False))
        elif id(item) not in done:
            if expanded:
                done.add(id(item))
                order.append(item)
            else:
                stack.append((item, True))
                stack.extend((x, False) for x in reversed(item.input_tensors))
    return order


class Function(Operation):
    """Operation that computes `outputs` from `inputs` by the graph between them.

    Parameters
    ----------
    inputs, outputs : structure of KerasTensor
    name : str, optional

    Raises
    ------
    ValueError
        If an output is not computed from the inputs.

    Examples
    --------
    >>> from dl_ops import KerasTensor, ops
    >>> x = KerasTensor((None, 2))
    >>> f = Function(x, ops.sum(x * 2, axis=-1))
    >>> f(ops.convert_to_tensor([[1.0, 2.0]])).tolist()
    [6.0]
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        super().__init__(name)
        self._inputs_struct, self._outputs_struct = inputs, outputs
        self._inputs: list[KerasTensor] = tree.flatten(inputs)
        self._outputs: list[KerasTensor] = tree.flatten(outputs)
        self._nodes = map_graph(self._inputs, self._outputs)
        # every tensor of the graph has a slot in the list of values that a run fills
        slots = {id(x): i for i, x in enumerate(self._inputs)}
        for node in self._nodes:
            for x in node.output_tensors:
                slots.setdefault(id(x), len(slots))
        self._slots = slots
        self._output_slots = [slots[id(x)] for x in self._outputs]

    @property
    def inputs(self) -> list[KerasTensor]:
        """Flat list of the symbolic inputs."""
        return list(self._inputs)

    @property
    def outputs(self) -> list[KerasTensor]:
        """Flat list of the symbolic outputs."""
        return list(self._outputs)

    def call(self, inputs: Any) -> Any:
        """Compute the outputs for a structure of tensors like the inputs'."""
        return self.run(inputs, lambda operation: operation)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Infer the outputs for symbolic inputs of perhaps other shapes."""
        return self.run(inputs, lambda operation: operation.compute_output_spec)

    def run(self, inputs: Any, function_of: Callable[[Operation], Callable[..., Any]]) -> Any:
        """Walk the graph, calling ``function_of(operation)`` for each node.

        Parameters
        ----------
        inputs : structure
            Values for the inputs.
        function_of : callable
            From an operation to what is called in its place.
        """
        values: list[Any] = [None] * len(self._slots)
        values[: len(self._inputs)] = tree.flatten(inputs)
        slots = self._slots

        def fill(x: Any) -> Any:
            return values[slots[id(x)]] if isinstance(x, KerasTensor) else x

        for node in self._nodes:
            function = function_of(node.operation)
            if len(node.args) == 1 and not node.kwargs and isinstance(node.args[0], KerasTensor):
                result = function(fill(node.args[0]))
            else:
                result = function(*tree.map_structure(fill, node.args), **tree.map_structure(fill, node.kwargs))
            if len(node.output_tensors) == 1 and isinstance(node.outputs, KerasTensor):
                values[slots[id(node.outputs)]] = result
            else:
                for x, value in zip(tree.flatten(node.outputs), tree.flatten(result), strict=True):
                    if isinstance(x, KerasTensor):
                        values[slots[id(x)]] = value
        return tree.pack_sequence_as(self._outputs_struct, [values[slot] for slot in self._output_slots])
