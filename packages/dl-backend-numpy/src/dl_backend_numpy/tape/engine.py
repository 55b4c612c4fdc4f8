"""Walking the tape backwards, and tangents forwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dl_backend_numpy.tape.functions import fn
from dl_backend_numpy.tape.traced import Forward, Tape, Traced, dual
from dl_backend_numpy.zeros import zeros
from dl_ops import tree
from dl_ops.backend.contract import Pullback


class _Recording(threading.local):
    def __init__(self) -> None:
        self.tapes: list[Tape] = []


_recording = _Recording()


def innermost_tape() -> Tape | None:
    """Tape of the differentiation that began last and is recording."""
    return _recording.tapes[-1] if _recording.tapes else None


def record(tape: Tape, entries: list[Any], f: Callable[..., Any], inputs: Sequence[Any]) -> Any:
    """``f(*inputs)``, recorded on a tape after the entries given."""
    tape.entries = entries
    tapes = _recording.tapes
    tapes.append(tape)
    try:
        return f(*inputs)
    finally:
        tapes.pop()
        # arrays that outlive the differentiation are constants, and keep nothing else alive
        tape.entries = None


def gradients(f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]) -> tuple[Any, Any, list[Any | None]]:
    """Value, auxiliary output and gradients of ``f(*inputs) -> (scalar, aux)``; ``None`` for an input that the scalar
    does not depend on.
    """
    tape, entries, (loss, aux) = _record(f, inputs)
    if type(loss) is Traced and loss.tape is tape:
        found = [_own(g) for g in backward(entries, {loss.index: np.array(1, loss.dtype)}, len(inputs))]
    else:
        found = [None] * len(inputs)
    return off(tape, loss), off(tape, aux), found


def vjp(f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[Any]) -> tuple[list[Any], Any, Pullback]:
    """Outputs, auxiliary output and pullback of ``f(*inputs) -> (outputs, aux)``."""
    tape, entries, (outputs, aux) = _record(f, inputs)
    indices = [y.index if type(y) is Traced and y.tape is tape else None for y in outputs]

    def pullback(given: Sequence[Any]) -> list[Any | None]:
        seeds: dict[int, Any] = {}
        for index, g in zip(indices, given, strict=True):
            if index is not None and g is not None:
                seeds[index] = seeds[index] + g if index in seeds else g
        return [_own(g) for g in backward(list(entries), seeds, len(inputs))]

    return [off(tape, y) for y in outputs], off(tape, aux), pullback


def _record(f: Callable[..., Any], inputs: Sequence[Any]) -> tuple[Tape, list[Any], Any]:
    """A tape with what it has recorded of ``f(*inputs)``, and what that gave."""
    tape = Tape()
    entries: list[Any] = [None] * len(inputs)
    return tape, entries, record(tape, entries, f, [Traced(x, tape, i) for i, x in enumerate(inputs)])


def jvp(
    f: Callable[..., tuple[Sequence[Any], Any]], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[list[Any], Any, list[Any | None]]:
    """Outputs and auxiliary output of ``f(*primals) -> (outputs, aux)``, and the outputs' tangents."""
    tape = Forward()
    try:
        outputs, aux = f(*[dual(x, t, tape) for x, t in zip(primals, tangents, strict=True)])
    finally:
        tape.active = False
    moved = [y.tangent if type(y) is Traced and y.tape is tape else None for y in outputs]
    return [off(tape, y) for y in outputs], off(tape, aux), [_own(t) for t in moved]


def off(tape: Tape, x: Any) -> Any:
    """Structure with bare arrays in the places of those on a tape."""
    kind = type(x)
    if kind is Traced:
        return x.value if x.tape is tape else x
    # what most functions return: walking it here takes a fifth of the time
    if kind is tuple or kind is list:
        return kind([off(tape, item) for item in x])
    return tree.map_structure(lambda leaf: off(tape, leaf), x) if tree.is_nested(x) else x


def _own(gradient: Any) -> Any:
    """`gradient` as an array each element of which has memory of its own."""
    if type(gradient) is np.ndarray:
        return gradient.copy() if 0 in gradient.strides else gradient
    return np.asarray(gradient) if isinstance(gradient, np.generic) else gradient


def backward(entries: list[Any], seeds: Mapping[int, Any], inputs: int) -> list[Any | None]:
    """Gradients with respect to the first entries of a tape, its inputs, from those with respect to some entries.

    The entries are used up.
    """
    pending: list[Any] = [None] * max(max(seeds, default=-1) + 1, inputs)
    for index, g in seeds.items():
        pending[index] = g
    del entries[len(pending) :]
    for _ in range(len(entries) - inputs):
        g = pending.pop()
        parents, output, values = entries.pop()
        if g is None:
            continue
        if parents is None:
            # one of several results: `output` is the index of their entry, `values` says which
            if pending[output] is None:
                pending[output] = {}
            pending[output][values] = g
            continue
        if type(g) is dict:
            g = [g[i] if i in g else zeros(y.shape, y.dtype) for i, y in enumerate(output)]
        for rule, index, position in parents:
            gradient = rule(g, output, *values)
            if type(index) is list:
                for i, d, x in zip(index, gradient, values[position], strict=True):
                    if i >= 0:
                        _accumulate(pending, i, d, x)
            else:
                _accumulate(pending, index, gradient, values[position])
    return pending


def _accumulate(pending: list[Any], index: int, gradient: Any, x: Any) -> None:
    if gradient.shape != x.shape:
        gradient = unbroadcast(gradient, x.shape)
    if gradient.dtype is not x.dtype and gradient.dtype != x.dtype:
        # bfloat16 times a Python float is float32 in NumPy
        gradient = fn.cast(gradient, x.dtype.name)
    before = pending[index]
    pending[index] = gradient if before is None else before + gradient


def unbroadcast(gradient: Any, shape: tuple[int, ...]) -> Any:
    """Sum a gradient over the axes that an argument of `shape` was broadcast along."""
    extra = gradient.ndim - len(shape)
    if extra > 0:
        gradient = fn.sum(gradient, 0 if extra == 1 else tuple(range(extra)))
        if gradient.shape == shape:
            return gradient
    axes = tuple(i for i, size in enumerate(shape) if size == 1 and gradient.shape[i] != 1)
    return fn.sum(gradient, axes, True) if axes else gradient
