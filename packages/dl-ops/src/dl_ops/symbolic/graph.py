"""A graph between symbolic inputs and outputs, as a callable operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from dl_ops import tree
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.symbolic.operation import Node, Operation

Values = list[Any]
Slots = Mapping[int, int]
Replace = Callable[[Operation], Callable[..., Any]]


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
            node = source_node(item)
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


def source_node(x: KerasTensor) -> Node | None:
    """Node that a symbolic tensor is an output of, if there is one."""
    history = x._keras_history
    return history.operation._inbound_nodes[history.node_index] if history is not None else None


def source_inputs(tensor: KerasTensor) -> list[KerasTensor]:
    """Inputs that a symbolic tensor is computed from, in the order in which its graph uses them.

    Parameters
    ----------
    tensor : KerasTensor

    Returns
    -------
    list of KerasTensor
        The tensor itself if it is an input.

    Examples
    --------
    >>> from dl_ops import KerasTensor
    >>> x = KerasTensor((None, 2), name="x")
    >>> [source.name for source in source_inputs(x * 2 + x)]
    ['x']
    """
    found: dict[int, KerasTensor] = {}
    seen: set[int] = set()
    stack = [tensor]
    while stack:
        x = stack.pop()
        node = source_node(x)
        if node is None or node.is_input:
            found.setdefault(id(x), x)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.extend(reversed(node.input_tensors))
    return list(found.values())


def order_by_depth(
    nodes: Sequence[Node], inputs: Iterable[KerasTensor], outputs: Iterable[KerasTensor]
) -> list[Operation]:
    """Operations of a graph, inputs' first, in the order in which Keras lists a model's layers.

    An operation's depth is the length of the longest way from it to an output; the deepest come first, and of
    equally deep ones the first that is met on the way back from the outputs.

    Parameters
    ----------
    nodes : sequence of Node
        What `map_graph` gives.
    inputs, outputs : iterable of KerasTensor

    Returns
    -------
    list of Operation
    """
    known = {id(node) for node in nodes}
    sources = [node for node in map(source_node, inputs) if node is not None]
    known.update(map(id, sources))
    met: dict[Operation, int] = {}
    seen: set[int] = set()
    order: list[Node] = []
    stack: list[tuple[Node, bool]] = [
        (node, False) for node in (source_node(x) for x in reversed(list(outputs))) if node is not None
    ]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            met.setdefault(node.operation, len(met))
            stack.append((node, True))
            stack.extend((parent, False) for parent in reversed(node.parent_nodes) if id(parent) in known)
    of_node: dict[int, int] = {}
    of_operation: dict[Operation, int] = {}
    for node in reversed(order):
        depth = max(of_node.get(id(node), 0), of_operation.get(node.operation, 0))
        of_node[id(node)] = of_operation[node.operation] = depth
        for parent in node.parent_nodes:
            of_node[id(parent)] = max(of_node.get(id(parent), 0), depth + 1)
    for node in sources:
        # an input that nothing is computed from
        of_operation.setdefault(node.operation, 0)
        met.setdefault(node.operation, -1)
    return sorted(of_operation, key=lambda operation: (-of_operation[operation], met[operation]))


_PLAN: Final = frozenset({"_slots", "_room", "_runners", "_result"})


# -- the plan: closures that fill a list of values, one for each node ---------------------------------------------


def reader(structure: Any, slots: Slots) -> Callable[[Values], Any]:
    """Function from the list of values to a structure in which they stand in the places of the symbolic tensors."""
    if isinstance(structure, KerasTensor):
        place = slots[id(structure)]  # not by an itemgetter, which torch.compile does not know
        return lambda values: values[place]
    if type(structure) in (list, tuple) and structure and all(isinstance(x, KerasTensor) for x in structure):
        indices, kind = [slots[id(x)] for x in structure], type(structure)
        if kind is list:
            return lambda values: [values[i] for i in indices]
        return lambda values: tuple([values[i] for i in indices])
    leaves = tree.flatten(structure)
    if not any(isinstance(x, KerasTensor) for x in leaves):
        return lambda values: structure
    places = [(i, slots[id(x)]) for i, x in enumerate(leaves) if isinstance(x, KerasTensor)]

    def read(values: Values) -> Any:
        filled = list(leaves)
        for i, slot in places:
            filled[i] = values[slot]
        return tree.pack_sequence_as(structure, filled)

    return read


def _runner(node: Node, slots: Slots, replace: Replace | None = None) -> Callable[[Values], None]:
    """Function that computes a node's outputs from values in a list and puts them there."""
    function, args, kwargs = node.operation.node_call(node)
    if replace is not None and function is node.operation:
        function = replace(node.operation)
    if isinstance(node.outputs, KerasTensor):
        target = slots[id(node.outputs)]
        if len(args) == 1 and not kwargs and isinstance(args[0], KerasTensor):
            source = slots[id(args[0])]

            def run_unary(values: Values) -> None:
                values[target] = function(values[source])

            return run_unary

        readers = [reader(x, slots) for x in args]
        named = [(name, reader(x, slots)) for name, x in kwargs.items()]

        def run(values: Values) -> None:
            values[target] = function(
                *[read(values) for read in readers], **{name: read(values) for name, read in named}
            )

        return run

    read_all = reader((tuple(args), dict(kwargs)), slots)
    targets = [slots.get(id(x)) for x in tree.flatten(node.outputs)]

    def run_several(values: Values) -> None:
        args, kwargs = read_all(values)
        for target, value in zip(targets, tree.flatten(function(*args, **kwargs)), strict=True):
            if target is not None:
                values[target] = value

    return run_several


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
        self._plan()

    def _plan(self) -> None:
        # every tensor of the graph has a slot in the list of values that a run fills
        slots = {id(x): i for i, x in enumerate(self._inputs)}
        for node in self._nodes:
            for x in node.output_tensors:
                slots.setdefault(id(x), len(slots))
        self._slots = slots
        self._room = [None] * (len(slots) - len(self._inputs))
        self._runners = [_runner(node, slots) for node in self._nodes]
        self._result = reader(self._outputs_struct, slots)

    def __getstate__(self) -> dict[str, Any]:
        """State for copies and pickles: without the plan, which calls this graph's operations and not the copies."""
        return {name: value for name, value in self.__dict__.items() if name not in _PLAN}

    def __getattr__(self, name: str) -> Any:
        # of a copy, whose parts are complete now, as they need not be where its state is set
        if name not in _PLAN or "_nodes" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        self._plan()
        return self.__dict__[name]

    @property
    def inputs(self) -> list[KerasTensor]:
        """Flat list of the symbolic inputs."""
        return list(self._inputs)

    @property
    def outputs(self) -> list[KerasTensor]:
        """Flat list of the symbolic outputs."""
        return list(self._outputs)

    @property
    def nodes(self) -> list[Node]:
        """Calls of operations between inputs and outputs, each after those it takes from."""
        return list(self._nodes)

    @property
    def operations(self) -> list[Operation]:
        """Operations of the graph, in the order in which Keras lists a model's layers."""
        return order_by_depth(self._nodes, self._inputs, self._outputs)

    def call(self, inputs: Any) -> Any:
        """Compute the outputs for a structure of tensors like the inputs'."""
        return self.run(tree.flatten(inputs))

    def compute_output_spec(self, inputs: Any) -> Any:
        """Infer the outputs for symbolic inputs of perhaps other shapes."""
        return self.run(tree.flatten(inputs))

    def get_config(self) -> dict[str, Any]:
        """Raise an error: functional models have a configuration.

        Raises
        ------
        NotImplementedError
            Always.
        """
        raise NotImplementedError(
            f"{type(self).__name__} {self.name!r} is a graph and has no configuration: a functional model of the same "
            "inputs and outputs has one"
        )

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shapes of the outputs for shapes of the inputs.

        Parameters
        ----------
        input_shape : structure of tuple of int or None
            Like the inputs.

        Returns
        -------
        structure of tuple of int or None

        Examples
        --------
        >>> from dl_ops import KerasTensor, ops
        >>> x = KerasTensor((None, 2))
        >>> Function(x, ops.sum(x, axis=-1)).compute_output_shape((5, 2))
        (5,)
        """
        shapes: list[Any] = []
        tree.map_shape_structure(shapes.append, input_shape)
        if len(shapes) != len(self._inputs):
            raise ValueError(
                f"{self.name}.compute_output_shape(): got {len(shapes)} shapes for {len(self._inputs)} inputs"
            )
        specs = [
            KerasTensor(shape, x.dtype, sparse=x.sparse, record_history=False)
            for shape, x in zip(shapes, self._inputs, strict=True)
        ]
        return tree.map_structure(lambda x: x.shape, self.run(specs))

    def run(self, inputs: Sequence[Any]) -> Any:
        """Compute the outputs for a flat list of inputs, concrete or symbolic.

        Symbolic ones that record history become inputs of a copy of the graph: every operation is called on them anew.
        """
        values = [*inputs, *self._room]
        for runner in self._runners:
            runner(values)
        return self._result(values)

    def rerun(self, inputs: Sequence[Any], replace: Replace) -> Any:
        """Like `run`, once, with other operations.

        Parameters
        ----------
        inputs : sequence
        replace : callable
            From an operation to what is called instead; ops are called as they are.
        """
        values = [*inputs, *self._room]
        for node in self._nodes:
            _runner(node, self._slots, replace)(values)
        return self._result(values)
