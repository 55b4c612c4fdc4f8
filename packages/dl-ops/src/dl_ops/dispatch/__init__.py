"""Eager calls of ops.

What is to be done for a call depends on the types of its arguments alone, so it is worked out once for each tuple
of types and kept as a plan: which backend, which kernel, which arguments are converted, and, per tuple of dtypes,
which are cast. A call then costs a dictionary look-up for the plan and one for the casts.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from dl_ops.dispatch.general import general_call, map_tensors
from dl_ops.dispatch.ownership import common_backend, mixed_backends
from dl_ops.dispatch.plans import Plans
from dl_ops.op import Op

__all__ = ["common_backend", "dispatcher", "general_call", "map_tensors", "mixed_backends"]

F = TypeVar("F", bound=Callable[..., Any])


def dispatcher(op: Op, function: F) -> F:
    """Return the public function of an op."""
    plans = Plans(op)
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
