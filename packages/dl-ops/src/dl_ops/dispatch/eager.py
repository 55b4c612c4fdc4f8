"""Plans: what is to be done for arguments of given types, worked out once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from dl_ops import config
from dl_ops.backend.contract import Backend, UnsupportedOp
from dl_ops.dispatch.defaults import default_runner
from dl_ops.dtypes import PYTHON_TYPES, exact_dtype, promote
from dl_ops.op import CONDITION, OPERAND, VALUE, Op
from dl_ops.sparse import sparse_call
from dl_ops.symbolic.inference import explain

Plan = Callable[[Sequence[Any]], Any]
Caster = Callable[[Any], Any]


def tensor_positions(op: Op, args: Sequence[Any]) -> list[tuple[int, str]]:
    """Positions and roles of the arguments that stand for tensors and are not ``None``."""
    found = ((i, op.parameter_at(i).role) for i, x in enumerate(args) if x is not None)
    return [(i, role) for i, role in found if role is not None]


def eager_plan(op: Op, backend: Backend, args: Sequence[Any]) -> Plan:
    """Plan for arguments each of which is a tensor of `backend`, an array, a number, or static."""
    rule = op.dtype_rule
    conversions: list[tuple[int, Caster]] = []
    operands: list[int] = []
    numbers: list[tuple[int, str]] = []
    types: set[type] = set()
    for i, role in tensor_positions(op, args):
        value = args[i]
        if role == OPERAND and type(value) in PYTHON_TYPES:
            numbers.append((i, PYTHON_TYPES[type(value)]))
            continue
        if role == VALUE and type(value) in PYTHON_TYPES:
            conversions.append((i, functools.partial(exact_number, backend)))
            continue
        if isinstance(value, np.generic) or not backend.is_tensor(value):
            conversions.append((i, _to_tensor_of(op, i, backend)))
        else:
            types.add(type(value))
        if role == OPERAND:
            operands.append(i)
        elif role == CONDITION:
            conversions.append((i, _cast_to(backend, "bool")))
    kernel = kernel_or_default(op, backend, frozenset(types))
    if rule is None or not (operands or numbers):
        conversions += [(i, _number_in(backend, weak)) for i, weak in numbers]
        return _converting_plan(op, kernel, conversions)
    positions = tuple(operands)
    casts: dict[Any, Sequence[tuple[int, Caster]]] = {}

    def work_out(dtypes: tuple[Any, ...]) -> Sequence[tuple[int, Caster]]:
        names = [backend.dtype_name(dtype) for dtype in dtypes]
        common = common_dtype(op, [*names, *(weak for _, weak in numbers)])
        found: list[tuple[int, Caster]] = []
        if common is not None:
            unequal = [i for i, name in zip(positions, names, strict=True) if name != common]
            found += [(i, _cast_to(backend, common)) for i in unequal]
        found += [(i, _number_in(backend, common or weak)) for i, weak in numbers]
        return found

    # the most common kinds of call have plans that do nothing but look the casts up
    if positions == (0,) and not conversions and not numbers:

        def unary(args: Sequence[Any]) -> Any:
            dtype = args[0].dtype
            needed = casts.get(dtype)
            if needed is None:
                needed = casts[dtype] = work_out((dtype,))
            if needed:
                args = _converted(args, needed)
            try:
                return kernel(*args)
            except Exception as error:
                reraise(op, args, {}, error)

        return unary

    if positions == (0, 1) and not conversions and not numbers:

        def binary(args: Sequence[Any]) -> Any:
            dtypes = (args[0].dtype, args[1].dtype)
            needed = casts.get(dtypes)
            if needed is None:
                needed = casts[dtypes] = work_out(dtypes)
            if needed:
                args = _converted(args, needed)
            try:
                return kernel(*args)
            except Exception as error:
                reraise(op, args, {}, error)

        return binary

    if positions == (0, 1, 2) and not conversions and not numbers:

        def ternary(args: Sequence[Any]) -> Any:
            dtypes = (args[0].dtype, args[1].dtype, args[2].dtype)
            needed = casts.get(dtypes)
            if needed is None:
                needed = casts[dtypes] = work_out(dtypes)
            if needed:
                args = _converted(args, needed)
            try:
                return kernel(*args)
            except Exception as error:
                reraise(op, args, {}, error)

        return ternary

    def any_number(args: Sequence[Any]) -> Any:
        values = _converted(args, conversions) if conversions else args
        dtypes = tuple([values[i].dtype for i in positions])
        needed = casts.get(dtypes)
        if needed is None:
            needed = casts[dtypes] = work_out(dtypes)
        if needed:
            values = _converted(values, needed)
        try:
            return kernel(*values)
        except Exception as error:
            reraise(op, values, {}, error)

    return any_number


def _converting_plan(op: Op, kernel: Callable[..., Any], conversions: Sequence[tuple[int, Caster]]) -> Plan:
    def plan(args: Sequence[Any]) -> Any:
        if conversions:
            args = _converted(args, conversions)
        try:
            return kernel(*args)
        except Exception as error:
            reraise(op, args, {}, error)

    return plan


def _converted(args: Sequence[Any], casters: Sequence[tuple[int, Caster]]) -> list[Any]:
    values = list(args)
    for i, caster in casters:
        values[i] = caster(values[i])
    return values


def _to_tensor_of(op: Op, position: int, backend: Backend) -> Caster:
    to_tensor = backend.to_tensor

    def convert(x: Any) -> Any:
        try:
            return to_tensor(x)
        except (ValueError, TypeError) as error:
            raise no_tensor(op, op.parameter_at(position).name, error) from error

    return convert


def no_tensor(op: Op, parameter: str, error: Exception) -> Exception:
    """Error for an argument that a backend makes no tensor of."""
    return type(error)(f"{op.name}(): {parameter}: {error}")


def _cast_to(backend: Backend, dtype: str) -> Caster:
    return lambda x: backend.cast(x, dtype)


def _number_in(backend: Backend, dtype: str) -> Caster:
    strong = promote(dtype)
    return lambda x: backend.scalar(x, strong)


def exact_number(backend: Backend, value: Any) -> Any:
    """A Python number with all its digits, in a form that every kernel takes for a tensor."""
    return backend.scalar(value, exact_dtype(value))


def common_dtype(op: Op, dtypes: Sequence[str], arguments: Mapping[str, Any] | None = None) -> str | None:
    """Dtype that operands of `dtypes` are cast to, ``None`` if they stay as they are.

    Parameters
    ----------
    op : Op
    dtypes : sequence of str
        Weak ones for Python numbers.
    arguments : mapping, optional
        The op's, for a rule that looks at them.

    Raises
    ------
    TypeError, ValueError
        If they have none in common; it names the op.
    """
    if op.dtype_rule is None or not dtypes:
        return None
    try:
        wanted = None if arguments is None else op.dtype_rule.wanted(arguments)
        return op.dtype_rule.common(dtypes if wanted is None else [*dtypes, wanted])
    except (TypeError, ValueError) as error:
        raise type(error)(f"{op.name}(): {error}") from None


def reraise(op: Op, args: Sequence[Any], kwargs: Mapping[str, Any], error: Exception) -> NoReturn:
    """Raise what the op's rules have to say of arguments that a kernel failed on; else the kernel's error."""
    explanation = explain(op, args, kwargs, error)
    if explanation is None:
        raise error
    # the framework's own words add nothing but length
    raise explanation from None if config.is_traceback_filtering_enabled() else error


def kernel_or_default(op: Op, backend: Backend, types: frozenset[type]) -> Callable[..., Any]:
    """The backend's kernel for tensors of `types`, or the op's default inside the backend's scope.

    Raises
    ------
    UnsupportedOp
        If there is neither.
    """
    sparse_types = backend.sparse_types
    if sparse_types and any(issubclass(kind, sparse_types) for kind in types):
        return sparse_call(op, backend)
    kernel = backend.kernel(op.name, types)
    if kernel is not None:
        return kernel
    if op.primitive:
        raise UnsupportedOp(f"{op.name!r} has no kernel on {backend.name}")
    return default_runner(op, backend)
