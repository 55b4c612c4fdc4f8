"""Walking the tape backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dl_backend_numpy.tape.functions import fn
from dl_backend_numpy.tape.traced import Tape, Traced, strip
from dl_ops import tree


def gradients(f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]) -> tuple[Any, Any, list[Any | None]]:
    """Value, auxiliary output and gradients of ``f(*inputs) -> (scalar, aux)``; ``None`` for an input that the scalar
    does not depend on.
    """
    tape = Tape()
    assert tape.entries is not None
    tape.entries.extend([None] * len(inputs))
    try:
        loss, aux = f(*[Traced(x, tape, i) for i, x in enumerate(inputs)])
        if type(loss) is Traced and loss.tape is tape:
            found = [_own(g) for g in backward(tape, loss, len(inputs))]
        else:
            found = [None] * len(inputs)
    finally:
        # arrays that outlive the differentiation are constants, and keep nothing else alive
        tape.entries = None

    return _off(tape, loss), _off(tape, aux), found


def _off(tape: Tape, x: Any) -> Any:
    """Structure with bare arrays in the places of those on a tape."""
    kind = type(x)
    if kind is Traced:
        return x.value if x.tape is tape else x
    # what most functions return: walking it here takes a fifth of the time
    if kind is tuple or kind is list:
        return kind([_off(tape, item) for item in x])
    return tree.map_structure(lambda leaf: _off(tape, leaf), x) if tree.is_nested(x) else x


def _own(gradient: Any) -> Any:
    """`gradient` as an array each element of which has memory of its own."""
    if type(gradient) is np.ndarray:
        return gradient.copy() if 0 in gradient.strides else gradient
    return np.asarray(gradient) if isinstance(gradient, np.generic) else gradient


def backward(tape: Tape, loss: Traced, inputs: int) -> list[Any | None]:
    """Gradients of a scalar on the tape with respect to the first entries, its inputs. The tape is used up."""
    entries = tape.entries
    assert entries is not None
    pending: list[Any] = [None] * max(loss.index + 1, inputs)
    pending[loss.index] = np.array(1, loss.dtype)
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
            g = [g[i] if i in g else np.zeros_like(strip(y)) for i, y in enumerate(output)]
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
