"""Calls with nested lists, structures or keyword-only arguments: walked each time, and nothing is kept."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dl_ops import scopes, tree
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import current_backend
from dl_ops.dispatch.defaults import default_runner
from dl_ops.dispatch.eager import common_dtype, exact_number, kernel_or_default, reraise
from dl_ops.dispatch.ownership import NEUTRAL, common_backend, mixed_backends
from dl_ops.dtypes import PYTHON_TYPES, promote
from dl_ops.op import CONDITION, INDICES, OPERAND, OPERANDS, STRUCTURE, VALUE, Op
from dl_ops.symbolic.inference import symbolic_call
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.variable import Variable


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
        scopes.current.symbolic and all(isinstance(x, NEUTRAL) for x in leaves)
    ):
        return symbolic_call(op, args, kwargs)
    backend = _backend_of(op, leaves)
    # numbers in lists keep their digits where the op computes in more of them than the default float has
    exact = op.dtype_rule is not None and op.dtype_rule.wanted(arguments) is not None
    tensors = map_tensors(op, arguments, functools.partial(_to_tensor, op, backend, exact))
    converted: list[tuple[str, Any]] = []
    map_tensors(op, tensors, lambda role, x: converted.append((role, x)))
    dtypes = [
        PYTHON_TYPES.get(type(x)) or backend.dtype_name(x.dtype) for role, x in converted if role in (OPERAND, OPERANDS)
    ]
    common = common_dtype(op, dtypes, arguments)
    tensors = map_tensors(op, tensors, functools.partial(_finish, backend, common))
    types = frozenset(type(x) for _, x in converted if type(x) not in PYTHON_TYPES)
    forced = default and not op.primitive
    kernel = default_runner(op, backend) if forced else kernel_or_default(op, backend, types)
    positional, keyword = op.unbind(tensors)
    try:
        return kernel(*positional, **keyword)
    except Exception as error:
        reraise(op, positional, keyword, error)


def _backend_of(op: Op, leaves: Sequence[Any]) -> Backend:
    owners = {x.backend.name: x.backend for x in leaves if isinstance(x, Variable)}
    native = {type(x) for x in leaves if not isinstance(x, (Variable, list, tuple, *NEUTRAL))}
    if native:
        backend = common_backend(op, native)
        owners[backend.name] = backend
    if len(owners) > 1:
        raise mixed_backends(f"{op.name}()", *sorted(owners))
    return next(iter(owners.values())) if owners else current_backend()


def _to_tensor(op: Op, backend: Backend, exact: bool, role: str, x: Any) -> Any:
    if isinstance(x, Variable):
        return x.value
    if type(x) in PYTHON_TYPES and role in (OPERAND, OPERANDS):
        return x
    if type(x) in PYTHON_TYPES and role == VALUE:
        return exact_number(backend, x)
    if isinstance(x, (list, tuple)) and any(not isinstance(leaf, NEUTRAL) for leaf in tree.flatten(x)):
        from dl_ops import ops

        return ops.stack([_to_tensor(op, backend, exact, INDICES, item) for item in x])
    if (exact or role == VALUE) and isinstance(x, (list, tuple)):
        return backend.to_tensor(np.asarray(x))
    if isinstance(x, np.generic) or not backend.is_tensor(x):
        try:
            return backend.to_tensor(x)
        except (ValueError, TypeError) as error:
            raise type(error)(f"{op.name}(): {error}") from error
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
