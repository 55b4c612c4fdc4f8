"""Programs: what a function of ops does for tensors of certain shapes and dtypes, as a flat list of kernels.

A `Recording` notes which ops a function calls on symbolic tensors, whose values Python cannot look at: whatever it
decides, it decides by shapes, dtypes and its own attributes. A `Program` is the same calls without the function, and
without what dispatch works out for arguments of each type.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from dl_ops import scopes, tree
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope
from dl_ops.dispatch.eager import common_dtype, exact_number, kernel_or_default
from dl_ops.dispatch.general import map_tensors
from dl_ops.dtypes import PYTHON_TYPES, promote
from dl_ops.op import CONDITION, OPERAND, OPERANDS, VALUE, Op
from dl_ops.symbolic.graph import reader
from dl_ops.symbolic.inference import infer
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Shape
from dl_ops.variable import Variable

Arguments = Mapping[str, Any]

_STATIC: Final = (*PYTHON_TYPES, str, type(None), type(...), slice)
"""Types of arguments that stay what they are."""


class UnrecordableError(Exception):
    """Something is called that a program cannot do, or might do otherwise."""


class _Step(NamedTuple):
    op: Op
    arguments: Arguments
    outputs: Any


class Recording:
    """Ops that are called on symbolic tensors inside a ``with`` block, in this thread, in their order.

    Nothing of it reaches graphs or names: tensors in it have no history. Variables given have the values given, and
    none may be assigned.

    Parameters
    ----------
    variables : sequence of Variable
        All that may be read.

    Raises
    ------
    UnrecordableError
        In the block, if an op is called that draws random numbers, or on anything but symbolic tensors, these
        variables, numbers and text; at its end, if a variable has been assigned.
    """

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.variables = list(variables)
        self.values = [KerasTensor(v.shape, v._dtype, record_history=False) for v in self.variables]
        self.steps: list[_Step] = []
        # kept, so that no other object comes to have the same identity
        self._known = {id(x): x for x in (*self.variables, *self.values)}
        self._state = scopes.StatelessScope(zip(self.variables, self.values, strict=True))
        self._scope = scopes.recording_scope(self)

    def input(self, shape: Shape, dtype: str) -> KerasTensor:
        """Symbolic tensor to call the function on."""
        x = KerasTensor(shape, dtype, record_history=False)
        self._known[id(x)] = x
        return x

    def note(self, op: Op, arguments: Arguments) -> Any:
        """Keep the call of an op and infer its result.

        Parameters
        ----------
        op : Op
        arguments : mapping
            Bound ones.
        """
        if op.module.startswith("dl_ops.random"):
            raise UnrecordableError(f"{op.name}() draws random numbers")
        roles = {parameter.name: parameter.role for parameter in op.parameters}
        for name, value in arguments.items():
            for leaf in tree.flatten(value):
                if type(leaf) not in _STATIC and (roles[name] is None or id(leaf) not in self._known):
                    raise UnrecordableError(f"{op.name}({name}={leaf!r})")
        with scopes.recording_scope(None):
            outputs = tree.map_structure(_fresh, infer(op, arguments))
        self._known.update((id(x), x) for x in tree.flatten(outputs))
        self.steps.append(_Step(op, arguments, outputs))
        return outputs

    def __enter__(self) -> Recording:
        self._state.__enter__()
        self._scope.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._scope.__exit__(None, None, None)
        self._state.__exit__()
        if kind is None and self._state.written:
            raise UnrecordableError(f"variables are assigned: {self._state.written}")

    def steps_to(self, outputs: Any) -> tuple[list[_Step], set[int]]:
        """The calls that outputs are computed by, and the identities of tensors that they need or give."""
        needed = set(map(id, tree.flatten(outputs)))
        found = []
        for step in reversed(self.steps):
            if not needed.isdisjoint(map(id, tree.flatten(step.outputs))):
                found.append(step)
                needed.update(id(leaf) for value in step.arguments.values() for leaf in tree.flatten(value))
        return found[::-1], needed


def _fresh(x: Any) -> Any:
    """What an op gives under another identity: some give an argument back."""
    if type(x) is not KerasTensor or x.sparse:
        raise UnrecordableError(f"a result is {x!r}")
    return KerasTensor(x.shape, x.dtype, record_history=False)


class _Slot(NamedTuple):
    """Where a tensor stands in a program's list of values."""

    place: int


class Program:
    """The calls of a recording, on tensors of one backend.

    Parameters
    ----------
    recording : Recording
    inputs : sequence of KerasTensor
        What `Recording.input` gave.
    outputs : structure of KerasTensor
        What the function gave.
    backend : Backend
    examples : sequence of tensor
        Values of the inputs; others that come later have the same types, shapes and dtypes.

    Raises
    ------
    UnrecordableError
        If an output does not come from the recording.
    """

    def __init__(
        self,
        recording: Recording,
        inputs: Sequence[KerasTensor],
        outputs: Any,
        backend: Backend,
        examples: Sequence[Any],
    ) -> None:
        self._backend = backend
        self._variables = recording.variables
        # most frameworks' storage is the tensor itself
        self._read = None if type(backend).read_storage is Backend.read_storage else backend.read_storage
        self._slots: dict[int, int] = {}
        self._steps: list[tuple[Callable[..., Any], Callable[[list[Any]], Sequence[Any]], int]] = []
        for i, x in enumerate((*inputs, *recording.values)):
            self._slots[id(x)] = i
        self._slots.update((id(v), len(inputs) + i) for i, v in enumerate(recording.variables))
        values = self._begun(examples)
        first = len(values)
        with backend_scope(backend):
            steps, needed = recording.steps_to(outputs)
            for step in steps:
                self._add(step, needed, values)
        leaves = tree.flatten(outputs)
        if not leaves or not all(id(x) in self._slots for x in leaves):
            raise UnrecordableError(f"outputs {outputs!r}")
        self._result = reader(outputs, self._slots)
        computed = {target for *_, target in self._steps}
        self._rest = [None if first + i in computed else x for i, x in enumerate(values[first:])]

    def _add(self, step: _Step, needed: Container[int], values: list[Any]) -> None:
        """Work out what is to be done for a call, and do it."""
        slots, op = self._slots, step.op

        def placed(_: str, x: Any) -> Any:
            return _Slot(slots[id(x)]) if id(x) in slots else x

        given = map_tensors(op, step.arguments, placed)
        function, arguments = _direct(op, self._backend, given, values) or (op.public, given)
        positional, keyword = op.unbind(arguments)
        if any(isinstance(leaf, _Slot) for leaf in tree.flatten(list(keyword.values()))):
            raise UnrecordableError(f"{op.name}() has tensors among its keyword arguments")
        if keyword:
            function = functools.partial(function, **keyword)
        places = [self._place(x, values) for x in positional]
        leaves = tree.flatten(step.outputs)
        if isinstance(step.outputs, KerasTensor):
            slots[id(leaves[0])] = self._do(function, places, values)
            return
        several = self._do(functools.partial(_flattened, function), places, values)
        for i, leaf in enumerate(leaves):
            if id(leaf) in needed:
                slots[id(leaf)] = self._do(itemgetter(i), [several], values)

    def _place(self, x: Any, values: list[Any]) -> int:
        """Where an argument stands, or is put."""
        if type(x) is _Slot:
            return x.place
        if type(x) in (list, tuple) and any(isinstance(item, _Slot) for item in x):
            return self._do(_listed if type(x) is list else _grouped, [self._place(item, values) for item in x], values)
        values.append(x)
        return len(values) - 1

    def _do(self, function: Callable[..., Any], places: Sequence[int], values: list[Any]) -> int:
        # one slice gives a list of one, where one index would give the value
        gather: Any = itemgetter(*places) if len(places) > 1 else itemgetter(_only(places))
        values.append(function(*gather(values)))
        self._steps.append((function, gather, len(values) - 1))
        return len(values) - 1

    def __call__(self, inputs: Sequence[Any]) -> Any:
        """Outputs for a flat list of inputs, with the values that variables have now."""
        values = self._begun(inputs)
        values += self._rest
        for function, gather, target in self._steps:
            values[target] = function(*gather(values))
        return self._result(values)

    def _begun(self, inputs: Sequence[Any]) -> list[Any]:
        """Values of the inputs and of the variables."""
        stored = [variable._value for variable in self._variables]
        return [*inputs, *(stored if self._read is None else map(self._read, stored))]


def _only(places: Sequence[int]) -> slice:
    return slice(places[0], places[0] + 1) if places else slice(0)


def _flattened(function: Callable[..., Any], *args: Any) -> list[Any]:
    return tree.flatten(function(*args))


def _listed(*items: Any) -> list[Any]:
    return list(items)


def _grouped(*items: Any) -> tuple[Any, ...]:
    return items


def _direct(
    op: Op, backend: Backend, arguments: Arguments, values: Sequence[Any]
) -> tuple[Callable[..., Any], Arguments] | None:
    """Kernel that a call comes to, and arguments for it; ``None`` if tensors are converted on the way."""
    types: set[type] = set()
    dtypes: list[str] = []
    as_they_are: list[str] = []
    ready = True

    def look(role: str, x: Any) -> None:
        nonlocal ready
        if type(x) is _Slot:
            tensor = values[x.place]
            name = backend.dtype_name(tensor.dtype)
            types.add(type(tensor))
            if role in (OPERAND, OPERANDS):
                dtypes.append(name)
                as_they_are.append(name)
            elif role == CONDITION:
                ready = ready and name == "bool"
        elif type(x) in PYTHON_TYPES and role in (OPERAND, OPERANDS):
            dtypes.append(PYTHON_TYPES[type(x)])
        elif x is not None and not (type(x) in PYTHON_TYPES and role == VALUE):
            ready = False

    map_tensors(op, arguments, look)
    if not ready or any(parameter.role == "structure" for parameter in op.parameters):
        return None
    common = common_dtype(op, dtypes, arguments)
    if common is not None and any(name != common for name in as_they_are):
        return None

    def number(role: str, x: Any) -> Any:
        if type(x) not in PYTHON_TYPES:
            return x
        return (
            exact_number(backend, x) if role == VALUE else backend.scalar(x, common or promote(PYTHON_TYPES[type(x)]))
        )

    return kernel_or_default(op, backend, frozenset(types)), map_tensors(op, arguments, number)
