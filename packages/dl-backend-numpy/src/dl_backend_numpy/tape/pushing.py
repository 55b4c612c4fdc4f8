"""Tangents carried forward through a kernel, by its rules for the way back.

Element-wise, the rule of an argument multiplies by a derivative, whichever way that goes. A kernel that is linear in
each of its differentiated arguments is its own derivative. Any other rule is linear in the gradient that it gets, so
taking it back through its own tape transposes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dl_backend_numpy.tape.kinds import Kernel, Push, Rule, Rules
from dl_backend_numpy.tape.traced import Forward, Traced, dual


def forward(record: Kernel, rules: Rules, push: Push, tape: Forward, args: Sequence[Any], kwargs: Any) -> Any:
    """Call a kernel with arrays that have tangents on `tape`; `record` is the one for arrays without."""
    values: list[Any] = list(args)
    tangents: list[Any] = [None] * len(values)
    for position, x in enumerate(args):
        if type(x) is Traced and x.tape is tape:
            values[position] = x.value
            if rules[position] is not None:
                tangents[position] = x.tangent
    output = record(*values, **kwargs)
    if all(t is None for t in tangents):
        return output
    return with_tangents(output, push(record, rules, output, values, tangents, kwargs), tape)


def forward_list(
    record: Kernel, rule: Rule, linear: bool, tape: Forward, position: int, args: Sequence[Any], kwargs: Any
) -> Any:
    """The same for a kernel that takes a list of arrays at `position`; `linear` says whether it is, in all of them."""

    def call(items: list[Any]) -> Any:
        return record(*args[:position], items, *args[position + 1 :], **kwargs)

    items = [x.value if type(x) is Traced and x.tape is tape else x for x in args[position]]
    tangents = [tangent_on(tape, x) for x in args[position]]
    output = call(items)
    if linear:
        return with_tangents(output, call(tangents), tape)
    several = isinstance(output, (tuple, list))

    def back(gradients: list[Any]) -> Any:
        g = gradients if several else gradients[0]
        return rule(g, output, *args[:position], items, *args[position + 1 :], **kwargs)

    pushed = transpose(back, list(output) if several else [output], tangents)
    return with_tangents(output, pushed if several else pushed[0], tape)


def tangent_on(tape: Forward, x: Any) -> Any:
    """Tangent of an array, zeros if it has none on `tape`."""
    return x.tangent if type(x) is Traced and x.tape is tape else np.zeros(x.shape, x.dtype)


def with_tangents(output: Any, tangent: Any, tape: Forward) -> Any:
    """A kernel's result with its tangent, or those of the arrays in it that can have one."""
    if not isinstance(output, (tuple, list)):
        return dual(output, tangent, tape)
    pairs = zip(output, tangent, strict=True)
    arrays = [dual(y, t, tape) if is_differentiable(y) else y for y, t in pairs]
    return type(output)(*arrays) if hasattr(output, "_fields") else type(output)(arrays)


def is_differentiable(y: Any) -> bool:
    """Whether an array in a result can have a gradient."""
    # bfloat16 is of kind V
    return y.dtype.kind in "fcV"


def elementwise(
    record: Kernel, rules: Rules, output: Any, values: Sequence[Any], tangents: Sequence[Any], kwargs: Any
) -> Any:
    """Tangent of an element-wise kernel."""
    from dl_backend_numpy.tape.functions import fn

    total: Any = None
    for rule, t in zip(rules, tangents, strict=False):
        if t is None:
            continue
        assert rule is not None
        part = rule(t if t.shape == output.shape else fn.broadcast_to(t, output.shape), output, *values, **kwargs)
        if part.shape != output.shape:
            part = fn.broadcast_to(part, output.shape)
        total = part if total is None else total + part
    return total if total.dtype == output.dtype else fn.cast(total, output.dtype.name)


def linear(
    record: Kernel, rules: Rules, output: Any, values: Sequence[Any], tangents: Sequence[Any], kwargs: Any
) -> Any:
    """Tangent of a kernel that is linear in each of the arguments that have rules."""
    total: Any = None
    for position, t in enumerate(tangents):
        if t is not None:
            part = record(*values[:position], t, *values[position + 1 :], **kwargs)
            total = part if total is None else total + part
    return total


def transposed(
    record: Kernel, rules: Rules, output: Any, values: Sequence[Any], tangents: Sequence[Any], kwargs: Any
) -> Any:
    """Tangent of any kernel."""
    from dl_backend_numpy.tape.engine import unbroadcast

    several = isinstance(output, (tuple, list))
    outputs = list(output) if several else [output]
    positions = [position for position, t in enumerate(tangents) if t is not None]

    def back(gradients: list[Any]) -> list[Any]:
        g = gradients if several else gradients[0]
        found = []
        for position in positions:
            rule = rules[position]
            assert rule is not None
            found.append(unbroadcast(rule(g, output, *values, **kwargs), values[position].shape))
        return found

    pushed = transpose(back, outputs, [tangents[position] for position in positions])
    return pushed if several else pushed[0]


def transpose(back: Callable[[list[Any]], Sequence[Any]], outputs: Sequence[Any], tangents: Sequence[Any]) -> list[Any]:
    """Tangents of outputs from those of inputs: `back`, linear, takes gradients from the first to the second.

    A gradient that it cannot take makes a tangent of NaN, so that the others can be had.
    """
    from dl_backend_numpy.tape.engine import vjp

    zeros = [np.zeros(y.shape, y.dtype) for y in outputs]
    open_ones = [i for i, y in enumerate(outputs) if is_differentiable(y)]

    def push(places: list[int]) -> list[Any]:
        def run(*gradients: Any) -> tuple[list[Any], None]:
            filled: list[Any] = list(zeros)
            for i, g in zip(places, gradients, strict=True):
                filled[i] = g
            return list(back(filled)), None

        # rules look whether there is a gradient of an output at all
        _, _, pullback = vjp(run, [np.ones(outputs[i].shape, outputs[i].dtype) for i in places])
        return pullback(tangents)

    def alone(i: int) -> Any:
        try:
            return push([i])[0]
        except NotImplementedError:
            return np.full(outputs[i].shape, np.nan, outputs[i].dtype)

    try:
        found = push(open_ones)
    except NotImplementedError:
        found = [alone(i) for i in open_ones]
    pushed = list(zeros)
    for i, t in zip(open_ones, found, strict=True):
        if t is not None:
            pushed[i] = t
    return pushed
