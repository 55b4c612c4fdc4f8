"""Loops that the graph runs: one node each, which holds a graph of a single step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import openvino as ov
from openvino import opset15 as opset

from dl_backend_openvino.building import converted, numbers
from dl_backend_openvino.tensors import GraphTensor, HostTensor, in_graph
from dl_ops import ops, tree
from dl_ops.backend import Kernels, assignments
from dl_ops.core.control_flow.structures import common_length
from dl_ops.op import registry

kernels = Kernels()

# with fewer steps, what the device gains by looking across them is more than what a graph for each of them costs
_UNROLLED: Final = 16


def _flat(structure: Any) -> list[Any]:
    return [in_graph(x) for x in tree.flatten(structure) if x is not None]


def _packed(structure: Any, leaves: Sequence[Any]) -> Any:
    rest = iter(leaves)
    return tree.map_structure(lambda x: None if x is None else next(rest), structure)


def _parameter(output: Any) -> Any:
    return opset.parameter(output.get_partial_shape(), output.get_element_type())


class _Body:
    """A step's graph: what it hands on, and what it takes from the graph around it.

    Parameters
    ----------
    parameters : sequence of openvino.Node
        Made anew for this graph.
    outputs : sequence of GraphTensor
        Built from them, and from nodes outside.
    """

    def __init__(self, parameters: Sequence[Any], outputs: Sequence[GraphTensor]) -> None:
        self._results = [opset.result(x.node) for x in outputs]
        self._inside = {id_of(node) for node in parameters}
        self._parameters = list(parameters)
        self.captured: dict[Any, Any] = {}
        """Parameters by outputs of nodes outside."""
        for result in self._results:
            self._cut(result)
        self.model = ov.Model(self._results, self._parameters)

    def output(self, position: int) -> Any:
        return self._results[position].input(0).get_source_output()

    def _cut(self, result: Any) -> None:
        """Put parameters where what depends on the body's own meets what does not."""
        order, known = [result], {id_of(result)}
        for node in order:
            for source in (end.get_source_output().get_node() for end in node.inputs()):
                if id_of(source) not in known:
                    known.add(id_of(source))
                    order.append(source)
        # from the leaves on: a node that comes later in `order` may still feed an earlier one, so until nothing changes
        changed = True
        while changed:
            changed = False
            for node in reversed(order):
                if id_of(node) not in self._inside and any(
                    id_of(end.get_source_output().get_node()) in self._inside for end in node.inputs()
                ):
                    self._inside.add(id_of(node))
                    changed = True
        self._inside.add(id_of(result))
        for node in order:
            if id_of(node) in self._inside:
                for end in node.inputs():
                    self._replace(end)

    def _replace(self, end: Any) -> None:
        output = end.get_source_output()
        node = output.get_node()
        if id_of(node) in self._inside or node.get_type_name() == "Constant":
            return
        key = (id_of(node), output.get_index())
        if key not in self.captured:
            parameter = _parameter(output)
            self.captured[key] = (parameter, output)
            self._parameters.append(parameter)
            self._inside.add(id_of(parameter))
        end.replace_source_output(self.captured[key][0].output(0))


def id_of(node: Any) -> str:
    """Name of a node, which no other has; Python's objects for the same node differ."""
    return str(node.get_name())


def _node(trips: Any, first: GraphTensor, body: _Body, condition: int) -> Any:
    loop = opset.loop(trips.output(0), first.node)
    loop.set_function(body.model)
    loop.set_special_body_ports([-1, condition])
    for parameter, output in body.captured.values():
        loop.set_invariant_input(parameter, output)
    return loop


@kernels.add
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    several = isinstance(loop_vars, (list, tuple))
    start = tuple(loop_vars) if several else (loop_vars,)

    def goes_on(values: Any, variables: Any, leaves: Any) -> GraphTensor:
        _, answer = assignments.call(cond, variables, values, *_packed(start, leaves))
        scalar: Any = ops.reshape(in_graph(answer), ())
        return converted(scalar, "bool")

    def run(variables: Any, values: Any) -> Any:
        count = len(values)
        before = [in_graph(x) for x in [*values, *_flat(start)]]
        parameters = [_parameter(x.node) for x in before]
        inputs = [GraphTensor(x) for x in parameters]
        after, result = assignments.call(body, variables, inputs[:count], *_packed(start, inputs[count:]))
        stepped = [in_graph(x) for x in [*after, *_flat(tuple(result) if several else (result,))]]
        again = goes_on(stepped[:count], variables, stepped[count:])
        step = _Body(parameters, [*stepped, again])
        first = goes_on(before[:count], variables, before[count:])
        trips = numbers(-1 if maximum_iterations is None else maximum_iterations)
        loop = _node(trips, first, step, len(stepped))
        for position, (parameter, x) in enumerate(zip(parameters, before, strict=True)):
            loop.set_merged_input(parameter, x.node, step.output(position))
        final = [GraphTensor(loop.get_iter_value(step.output(i), -1)) for i in range(len(stepped))]
        return final[:count], _packed(start, final[count:])

    result = assignments.threading(run)
    return result if several else result[0]


@kernels.add
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    fixed = all(isinstance(x, (int, np.integer, HostTensor)) for x in (lower, upper))
    if fixed and int(upper) - int(lower) <= _UNROLLED:
        return registry["fori_loop"].function(int(lower), int(upper), body_fun, init_val)
    counter = ops.cast(lower, "int32")
    last = ops.cast(upper, "int32")
    _, value = while_loop(
        lambda i, value: ops.less(i, last), lambda i, value: (ops.add(i, 1), body_fun(i, value)), (counter, init_val)
    )
    return value


def always() -> GraphTensor:
    """Condition of a loop that ends by counting."""
    return GraphTensor(numbers(True, "bool"))


@kernels.add
def scan(
    f: Callable[[Any, Any], Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> Any:
    steps = common_length(xs, length)
    if steps is not None and steps <= _UNROLLED:
        return registry["scan"].function(f, init, xs, length, reverse, unroll)

    def run(variables: Any, values: Any) -> Any:
        count = len(values)
        before = [in_graph(x) for x in [*values, *_flat(init)]]
        sequences: list[Any] = [ops.flip(x, 0) if reverse else x for x in _flat(xs)]
        parameters = [_parameter(x.node) for x in before]
        rows = [
            opset.parameter([1, *list(x.node.get_partial_shape())[1:]], x.node.get_element_type()) for x in sequences
        ]
        inputs = [GraphTensor(x) for x in parameters]
        row = _packed(xs, [ops.squeeze(GraphTensor(x), 0) for x in rows])
        after, (carry, y) = assignments.call(f, variables, inputs[:count], _packed(init, inputs[count:]), row)
        stepped = [in_graph(x) for x in [*after, *_flat(carry)]]
        given: list[Any] = [ops.expand_dims(x, 0) for x in _flat(y)]
        step = _Body([*parameters, *rows], [*stepped, *given, always()])
        trips = numbers(-1 if steps is None else steps)
        loop = _node(trips, always(), step, len(stepped) + len(given))
        for position, (parameter, x) in enumerate(zip(parameters, before, strict=True)):
            loop.set_merged_input(parameter, x.node, step.output(position))
        # the node goes forward alone: begin, step, rows at a time, end, axis
        way = (0, 1, 1, -1, 0)
        for parameter, x in zip(rows, sequences, strict=True):
            loop.set_sliced_input(parameter, x.node, *way)
        final = [GraphTensor(loop.get_iter_value(step.output(i), -1)) for i in range(len(stepped))]
        stacked = [
            GraphTensor(loop.get_concatenated_slices(step.output(len(stepped) + i), *way)) for i in range(len(given))
        ]
        ordered = [ops.flip(x, 0) if reverse else x for x in stacked]
        return final[:count], (_packed(init, final[count:]), _packed(y, ordered))

    return assignments.threading(run)
