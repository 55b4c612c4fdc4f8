"""Eager calls of ops.

What is to be done for a call depends on the types of its arguments alone, so it is worked out once for each tuple
of types and kept as a plan: which backend, which kernel, which arguments are converted, and, per tuple of dtypes,
which are cast. A call then costs a dictionary look-up for the plan and one for the casts.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

import numpy as np

from dl_ops import scopes, tree
from dl_ops.backend.contract import Backend, UnsupportedOp
from dl_ops.backend.registry import backend_of_type, backend_scope, current_backend
from dl_ops.dtypes import PYTHON_TYPES, promote
from dl_ops.op import CONDITION, INDICES, OPERAND, OPERANDS, STRUCTURE, Op
from dl_ops.symbolic.inference import explain, symbolic_call
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.variable import Variable

F = TypeVar("F", bound=Callable[..., Any])
Plan = Callable[[Sequence[Any]], Any]
Caster = Callable[[Any], Any]

_LEAF_ROLES: Final = (OPERAND, INDICES, CONDITION)
# these belong to whichever backend the call turns out to be of
_NEUTRAL: Final = (np.ndarray, np.generic, bool, int, float, complex, str)


class _Plans:
    """Plans of one op: by types, and below that, for what belongs to any backend, by backend."""

    def __init__(self, op: Op) -> None:
        self.op = op
        self.by_types: dict[tuple[type, ...], Plan] = {}
        self.by_backend: dict[Backend, dict[tuple[type, ...], Plan]] = {}

    def make(self, args: Sequence[Any]) -> Plan:
        """Work out and keep the plan for arguments of these types."""
        self.op.bind(tuple(args), {})
        plan = self.by_types[tuple(map(type, args))] = self._make(args)
        return plan

    def _make(self, args: Sequence[Any]) -> Plan:
        op = self.op
        if op.irregular:
            return lambda args: general_call(op, args, {})
        tensors = _tensor_positions(op, args)
        if any(role not in _LEAF_ROLES or isinstance(args[i], (list, tuple)) for i, role in tensors):
            return lambda args: general_call(op, args, {})
        if any(isinstance(args[i], KerasTensor) for i, _ in tensors):
            return lambda args: symbolic_call(op, args, {})
        variables = [i for i, _ in tensors if isinstance(args[i], Variable)]
        native = {type(args[i]) for i, _ in tensors if not isinstance(args[i], (Variable, *_NEUTRAL))}
        if variables:
            return self._variables_plan(variables, common_backend(op, native) if native else None)
        if native:
            return _eager_plan(op, common_backend(op, native), args)
        return self._neutral_plan()

    def _variables_plan(self, variables: Sequence[int], backend: Backend | None) -> Plan:
        op = self.op
        first = variables[0]

        def plan(args: Sequence[Any]) -> Any:
            values = list(args)
            owner = backend or values[first].backend
            for i in variables:
                variable = values[i]
                if variable.backend is not owner:
                    raise mixed_backends(f"{op.name}()", owner.name, variable.backend.name)
                values[i] = variable.value
            return self._on(owner, values)

        return plan

    def _neutral_plan(self) -> Plan:
        """Nothing but NumPy arrays and numbers, or no tensor at all: the active backend."""
        op = self.op

        def plan(args: Sequence[Any]) -> Any:
            if scopes.current.symbolic:
                return symbolic_call(op, args, {})
            return self._on(current_backend(), args)

        return plan

    def _on(self, backend: Backend, args: Sequence[Any]) -> Any:
        plans = self.by_backend.get(backend)
        if plans is None:
            plans = self.by_backend[backend] = {}
        types = tuple(map(type, args))
        plan = plans.get(types)
        if plan is None:
            plan = plans[types] = _eager_plan(self.op, backend, args)
        return plan(args)


def dispatcher(op: Op, function: F) -> F:
    """Return the public function of an op."""
    plans = _Plans(op)
    by_types = plans.by_types

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            if op.irregular:
                return general_call(op, args, kwargs)
            positional = _positional(op, args, kwargs)
            if positional is None:
                return general_call(op, args, kwargs)
            args = positional
        plan = by_types.get(tuple(map(type, args)))
        if plan is None:
            plan = plans.make(args)
        return plan(args)

    call.op = op  # type: ignore[attr-defined]  # how tools find the definition behind a public function
    return cast(F, call)


def _positional(op: Op, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Arguments in the signature's order, defaults included up to the last one given; ``None`` if they do not fit."""
    values = list(args)
    missing = len(kwargs)
    for parameter in op.parameters[len(args) :]:
        if not missing:
            break
        if parameter.name in kwargs:
            values.append(kwargs[parameter.name])
            missing -= 1
        elif parameter.default is not op.signature.empty:
            values.append(parameter.default)
        else:
            break
    if missing:
        op.bind(args, kwargs)  # raises, and says what is wrong, unless the op takes any keyword
        return None
    return tuple(values)


def _tensor_positions(op: Op, args: Sequence[Any]) -> list[tuple[int, str]]:
    return [
        (i, parameter.role)
        for i, parameter in enumerate(op.parameters[: len(args)])
        if parameter.role is not None and args[i] is not None
    ]


def common_backend(op: Op, types: Iterable[type]) -> Backend:
    """The one backend that tensors of these types belong to; a ``TypeError`` that names them if there are several."""
    found: dict[str, Backend] = {}
    for tensor_type in types:
        backend = backend_of_type(tensor_type)
        if backend is None:
            kind = f"{tensor_type.__module__}.{tensor_type.__qualname__}"
            raise TypeError(f"{op.name}(): {kind} is not a tensor of an installed backend, an array or a number")
        found[backend.name] = backend
    if len(found) > 1:
        raise mixed_backends(f"{op.name}()", *sorted(found))
    return next(iter(found.values()))


def mixed_backends(where: str, *names: str) -> TypeError:
    """Error for tensors of several backends in one place, with the conversion to use."""
    return TypeError(
        f"{where} got tensors of {' and '.join(names)}: convert one of them first, for example with "
        f'dl.ops.convert_to_tensor(x, backend="{names[0]}")'
    )


# -- plans of one backend --


def _eager_plan(op: Op, backend: Backend, args: Sequence[Any]) -> Plan:
    """Plan for arguments each of which is a tensor of `backend`, an array, a number, or static."""
    rule = op.dtype_rule
    conversions: list[tuple[int, Caster]] = []
    operands: list[int] = []
    numbers: list[tuple[int, str]] = []
    types: set[type] = set()
    for i, role in _tensor_positions(op, args):
        value = args[i]
        if role == OPERAND and type(value) in PYTHON_TYPES:
            numbers.append((i, PYTHON_TYPES[type(value)]))
            continue
        if isinstance(value, np.generic) or not isinstance(value, backend.tensor_types):
            conversions.append((i, backend.to_tensor))
        else:
            types.add(type(value))
        if role == OPERAND:
            operands.append(i)
        elif role == CONDITION:
            conversions.append((i, functools.partial(_cast_to, backend, "bool")))
    run = _runner(op, backend, frozenset(types))
    if rule is None or not (operands or numbers):
        conversions += [(i, functools.partial(_number, backend, weak)) for i, weak in numbers]
        return _converting_plan(run, conversions) if conversions else (lambda args: run(*args))
    positions = tuple(operands)
    casts: dict[Any, Sequence[tuple[int, Caster]]] = {}

    def work_out(dtypes: tuple[Any, ...]) -> Sequence[tuple[int, Caster]]:
        names = [backend.dtype_name(dtype) for dtype in dtypes]
        common = rule.common([*names, *(weak for _, weak in numbers)])
        found: list[tuple[int, Caster]] = []
        if common is not None:
            unequal = [i for i, name in zip(positions, names, strict=True) if name != common]
            found += [(i, functools.partial(_cast_to, backend, common)) for i in unequal]
        found += [(i, functools.partial(_number, backend, common or weak)) for i, weak in numbers]
        return found

    if positions == (0,) and not conversions and not numbers:

        def unary(args: Sequence[Any]) -> Any:
            dtype = args[0].dtype
            needed = casts.get(dtype)
            if needed is None:
                needed = casts[dtype] = work_out((dtype,))
            return run(*_cast(args, needed)) if needed else run(*args)

        return unary

    if positions == (0, 1) and not conversions and not numbers:

        def binary(args: Sequence[Any]) -> Any:
            dtypes = (args[0].dtype, args[1].dtype)
            needed = casts.get(dtypes)
            if needed is None:
                needed = casts[dtypes] = work_out(dtypes)
            return run(*_cast(args, needed)) if needed else run(*args)

        return binary

    def any_number(args: Sequence[Any]) -> Any:
        values = list(args)
        for i, convert in conversions:
            values[i] = convert(values[i])
        dtypes = tuple([values[i].dtype for i in positions])
        needed = casts.get(dtypes)
        if needed is None:
            needed = casts[dtypes] = work_out(dtypes)
        for i, caster in needed:
            values[i] = caster(values[i])
        return run(*values)

    return any_number


def _converting_plan(run: Callable[..., Any], conversions: Sequence[tuple[int, Caster]]) -> Plan:
    return lambda args: run(*_cast(args, conversions))


def _cast(args: Sequence[Any], casters: Sequence[tuple[int, Caster]]) -> list[Any]:
    values = list(args)
    for i, caster in casters:
        values[i] = caster(values[i])
    return values


def _cast_to(backend: Backend, dtype: str, x: Any) -> Any:
    return backend.cast(x, dtype)


def _number(backend: Backend, dtype: str, x: Any) -> Any:
    return backend.scalar(x, promote(dtype))


def _runner(op: Op, backend: Backend, types: frozenset[type]) -> Callable[..., Any]:
    """The kernel, or the default inside the backend's scope; a failure is explained by the op's rules if they can."""
    kernel = backend.kernel(op.name, types)
    if kernel is None:
        if op.primitive:
            raise UnsupportedOp(f"{op.name!r} has no kernel on {backend.name}")
        kernel = _default(op, backend)

    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return kernel(*args, **kwargs)
        except Exception as error:
            explanation = explain(op, args, kwargs, error)
            if explanation is None:
                raise
            raise explanation from error

    return run


def _default(op: Op, backend: Backend) -> Callable[..., Any]:
    function = op.function

    def default(*args: Any, **kwargs: Any) -> Any:
        if scopes.current.backend is backend:
            return function(*args, **kwargs)
        with backend_scope(backend):
            return function(*args, **kwargs)

    return default


# -- calls with sequences, structures or keyword-only arguments
# ---------------------------------------------------------


def general_call(op: Op, args: Sequence[Any], kwargs: Mapping[str, Any], *, default: bool = False) -> Any:
    """Call an op whatever its arguments look like: they are walked each time, and nothing is kept.

    Parameters
    ----------
    op : Op
    args, kwargs
        As given by the caller.
    default : bool
        Use the op's default even where the backend has a kernel; for tests.
    """
    arguments = op.bind(tuple(args), kwargs)
    leaves: list[Any] = []
    map_tensors(op, arguments, lambda role, x: leaves.append(x))
    if any(isinstance(x, KerasTensor) for x in leaves) or (
        scopes.current.symbolic and all(isinstance(x, _NEUTRAL) for x in leaves)
    ):
        return symbolic_call(op, args, kwargs)
    backend = _backend_of(op, leaves)
    tensors = map_tensors(op, arguments, functools.partial(_to_tensor, op, backend))
    converted: list[tuple[str, Any]] = []
    map_tensors(op, tensors, lambda role, x: converted.append((role, x)))
    if op.dtype_rule is not None:
        dtypes = [
            PYTHON_TYPES.get(type(x)) or backend.dtype_name(x.dtype)
            for role, x in converted
            if role in (OPERAND, OPERANDS)
        ]
        common = op.dtype_rule.common(dtypes) if dtypes else None
    else:
        common = None
    tensors = map_tensors(op, tensors, functools.partial(_finish, backend, common))
    types = frozenset(type(x) for _, x in converted if type(x) not in PYTHON_TYPES)
    run = _default(op, backend) if default and not op.primitive else _runner(op, backend, types)
    positional, keyword = op.unbind(tensors)
    return run(*positional, **keyword)


def _backend_of(op: Op, leaves: Sequence[Any]) -> Backend:
    owners = {x.backend.name: x.backend for x in leaves if isinstance(x, Variable)}
    native = {type(x) for x in leaves if not isinstance(x, (Variable, list, tuple, *_NEUTRAL))}
    if native:
        backend = common_backend(op, native)
        owners[backend.name] = backend
    if len(owners) > 1:
        raise mixed_backends(f"{op.name}()", *sorted(owners))
    return next(iter(owners.values())) if owners else current_backend()


def _to_tensor(op: Op, backend: Backend, role: str, x: Any) -> Any:
    if isinstance(x, Variable):
        return x.value
    if type(x) in PYTHON_TYPES and role in (OPERAND, OPERANDS):
        return x
    if isinstance(x, (list, tuple)) and any(not isinstance(leaf, _NEUTRAL) for leaf in tree.flatten(x)):
        from dl_ops import ops

        return ops.stack([_to_tensor(op, backend, INDICES, item) for item in x])
    if isinstance(x, np.generic) or not isinstance(x, backend.tensor_types):
        return backend.to_tensor(x)
    return x


def _finish(backend: Backend, common: str | None, role: str, x: Any) -> Any:
    if type(x) in PYTHON_TYPES:
        return backend.scalar(x, common or promote(PYTHON_TYPES[type(x)]))
    if role == CONDITION:
        return backend.cast(x, "bool")
    if common is not None and role in (OPERAND, OPERANDS) and backend.dtype_name(x.dtype) != common:
        return backend.cast(x, common)
    return x


def map_tensors(op: Op, arguments: Mapping[str, Any], function: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Apply ``function(role, leaf)`` to every tensor among an op's arguments; the rest stays as it is."""
    mapped = dict(arguments)
    for parameter in op.parameters:
        value, role = arguments[parameter.name], parameter.role
        if role is None or value is None:
            continue
        if parameter.variadic:
            mapped[parameter.name] = tuple(function(role, x) for x in value)
        elif role == OPERANDS:
            if not isinstance(value, (list, tuple)):
                raise TypeError(
                    f"{op.name}(): {parameter.name} must be a list or tuple of tensors, got {type(value).__name__}"
                )
            mapped[parameter.name] = [function(role, x) for x in value]
        elif role == STRUCTURE:
            mapped[parameter.name] = tree.map_structure(
                lambda x, role=role: x if x is None or callable(x) else function(role, x), value
            )
        else:
            mapped[parameter.name] = function(role, value)
    return mapped
