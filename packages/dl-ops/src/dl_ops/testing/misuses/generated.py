"""Misuses that follow from an op's signature: axes out of range, shapes that do not broadcast, unknown options, what is
no tensor, and arguments too few, too many and unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from dl_ops.op import CONDITION, INDICES, OPERAND, OPERANDS, Op, Parameter, registry
from dl_ops.rules import broadcast
from dl_ops.testing.case import all_cases
from dl_ops.testing.misuses.misuse import Misuse

_FAR: Final = 9
"""An axis that no case has."""

_AXES: Final = ("axis", "axes", "axis1", "axis2", "axisa", "axisb", "axisc", "source", "destination", "spatial_dims")

_OPTIONS: Final = (
    *("data_format", "padding", "mode", "interpolation", "fill_mode", "reduction", "method", "side", "indexing"),
    *("strategy", "window", "ord"),
)
"""Parameters that take one of some words."""


def _misuses() -> Iterator[Misuse]:
    seen: set[str] = set()
    for case in all_cases():
        if case.op not in registry or case.op in seen or not case.symbolic:
            continue
        seen.add(case.op)
        op = case.definition
        args, kwargs = case.arguments(case.dtypes[0])
        arguments = op.bind(args, kwargs)
        yield from _axes(op, arguments)
        yield from _options(op, arguments)
        yield from _no_tensors(op, arguments)
        yield from _counts(op, arguments)
    yield from _shapes()


def _with(
    op: Op,
    arguments: Mapping[str, Any],
    name: str,
    value: Any,
    label: str,
    message: str,
    error: type[Exception] = ValueError,
    *,
    symbolic: bool = True,
) -> Misuse:
    """A call with another value for the parameter `name`."""
    args, kwargs = op.unbind({**arguments, name: value})
    return Misuse(op.name, args, message, error, kwargs, label=f"{name}{label}", symbolic=symbolic)


def _axes(op: Op, arguments: Mapping[str, Any]) -> Iterator[Misuse]:
    for parameter in op.parameters:
        name = parameter.name
        if name not in _AXES:
            continue
        annotation = str(op.signature.parameters[name].annotation)
        for axis in (_FAR, -_FAR):
            value: Any = axis if "int" in annotation.split("[")[0] or annotation == "Axis" else (axis, 0)
            found = rf"{name}=.*{axis}" if value != axis else f"{name}={axis}"
            yield _with(op, arguments, name, value, f"={axis}", found)
        # the shifts of an axis named twice add up
        if annotation == "Axis" and op.name != "roll":
            yield _with(op, arguments, name, (0, 0), "-twice", rf"{name}=\(0, 0\) names an axis twice")
        yield _with(op, arguments, name, "a", "-text", f"{name}='a'|{name} ", TypeError)


def _options(op: Op, arguments: Mapping[str, Any]) -> Iterator[Misuse]:
    for name in op.index:
        if name in _OPTIONS and "str" in str(op.signature.parameters[name].annotation):
            yield _with(op, arguments, name, "nonesuch", "-unknown", f"{name}='nonesuch'")


def _no_tensors(op: Op, arguments: Mapping[str, Any]) -> Iterator[Misuse]:
    for parameter in op.parameters:
        name = parameter.name
        if parameter.variadic or parameter.role not in (OPERAND, OPERANDS, INDICES, CONDITION):
            continue
        if parameter.role != OPERANDS:
            yield _with(op, arguments, name, object(), "-object", "object", TypeError, symbolic=False)
        if _computes(op, parameter):
            text = np.full(np.shape(arguments[name]), "a")
            yield _with(op, arguments, name, text, "-text", "str|<U1", TypeError, symbolic=False)
        if "None" not in str(op.signature.parameters[name].annotation):
            yield _with(op, arguments, name, None, "-None", f"{name}.*None", TypeError)


def _computes(op: Op, parameter: Parameter) -> bool:
    """Whether an op computes with a tensor, and does not just move its elements."""
    return parameter.role == INDICES or (parameter.role == OPERAND and not _takes(op, "string"))


def _takes(op: Op, dtype: str) -> bool:
    """Whether an op's rule lets operands of a dtype pass."""
    try:
        if op.dtype_rule is not None:
            op.dtype_rule.common([dtype] * 3)
    except TypeError:
        return False
    return True


def _counts(op: Op, arguments: Mapping[str, Any]) -> Iterator[Misuse]:
    args, kwargs = op.unbind(arguments)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in op.signature.parameters.values())
    if not takes_any:
        yield Misuse(op.name, args, "nonesuch", TypeError, {**kwargs, "nonesuch": 1}, label="unknown-keyword")
    if op.variadic is None:
        yield Misuse(op.name, [*args, None], "too many", TypeError, kwargs, label="too-many")
    if any(p.default is op.signature.empty and not p.variadic for p in op.parameters):
        yield Misuse(op.name, (), "missing", TypeError, {}, label="too-few")


def _shapes() -> Iterator[Misuse]:
    for name, op in sorted(registry.items()):
        if op.shape_rule is broadcast and not name.startswith("example"):
            dtype = "float32" if _takes(op, "float32") else "int32"
            tensors = [p for p in op.parameters if p.role is not None]
            args: list[Any] = [np.ones(shape, dtype) for shape in ((2, 3), (4,), (2, 3))[: len(tensors)]]
            args += [0.5 for p in op.parameters[len(tensors) :] if p.default is op.signature.empty]
            yield Misuse(name, args, r"\(2, 3\).*\(4,\).*do not broadcast", label="shapes")


MISUSES: Final = tuple(_misuses())
