"""Functions that are recorded as a single entry: with a gradient of their own, or to be computed again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dl_backend_numpy.tape import pushing
from dl_backend_numpy.tape.engine import backward, innermost_tape, off, record
from dl_backend_numpy.tape.recording import several
from dl_backend_numpy.tape.traced import Forward, Tape, Traced
from dl_ops.backend.contract import Pullback

# what a gradient that reaches it has no way on from
_NOTHING = ((), None, ())


def custom_gradient(f: Callable[..., tuple[Sequence[Any], Pullback]], inputs: Sequence[Any]) -> list[Any]:
    """First result of ``f(*inputs) -> (outputs, pullback)``, differentiated by the second."""
    tapes: list[Tape] = [x.tape for x in inputs if type(x) is Traced]
    if not tapes:
        return list(f(*inputs)[0])
    tape = max(tapes, key=lambda tape: tape.level)
    values = [x.value if type(x) is Traced and x.tape is tape else x for x in inputs]
    forward = type(tape) is Forward and tape.active
    if tape.entries is None and not forward:
        return custom_gradient(f, values)
    outputs, pullback = f(*values)
    outputs = [off(tape, y) for y in outputs]
    if any(type(x) is Traced for x in values):
        # the pullback is differentiated as it stands, the outputs by the pullback
        outputs = custom_gradient(f, values)

    def back(gradients: Sequence[Any]) -> list[Any]:
        pairs = zip(pullback(gradients), values, strict=True)
        return [np.zeros(x.shape, x.dtype) if g is None else off(tape, g) for g, x in pairs]

    if isinstance(tape, Forward):
        tangents = [pushing.tangent_on(tape, x) for x in inputs]
        return list(pushing.with_tangents(outputs, pushing.transpose(back, outputs, tangents), tape))
    assert tape.entries is not None
    indices = [x.index if type(x) is Traced and x.tape is tape else -1 for x in inputs]
    index = len(tape.entries)
    tape.entries.append(([(lambda g, y, values: back(g), indices, 0)], outputs, [values]))
    return list(several(outputs, tape, index))


def checkpoint(f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
    """``f(*inputs)``, computed again for gradients instead of being remembered."""
    tape = innermost_tape()
    if tape is None or tape.entries is None:
        return list(f(*inputs))
    start = len(tape.entries)
    outputs = list(f(*inputs))
    if any(type(y) is Traced and y.tape.level > tape.level for y in outputs):
        # with tangents, which lead back to what was computed
        return outputs
    computed = tape.entries[start:]
    # what was computed in between is forgotten; places are kept for arrays that f may have handed elsewhere
    tape.entries[start:] = [_NOTHING] * len(computed)
    reached = _reached(computed, start)
    places = [i for i, y in enumerate(outputs) if type(y) is Traced and y.tape is tape and y.index >= start]
    if not places:
        return outputs

    def again(g: Any, y: Any, values: Any) -> list[Any]:
        entries: list[Any] = [None] * start
        results = record(tape, entries, f, inputs)
        seeds: dict[int, Any] = {}
        for i, gradient in zip(places, g, strict=True):
            index = results[i].index
            seeds[index] = seeds[index] + gradient if index in seeds else gradient
        found = backward(entries, seeds, start)
        pairs = [(found[index], x) for index, x in reached.items()]
        return [np.zeros(x.shape, x.dtype) if gradient is None else gradient for gradient, x in pairs]

    index = len(tape.entries)
    kept = [off(tape, outputs[i]) for i in places]
    tape.entries.append(([(again, list(reached), 0)], kept, [list(reached.values())]))
    for i, y in zip(places, several(kept, tape, index), strict=True):
        outputs[i] = y
    return outputs


def _reached(entries: Sequence[Any], start: int) -> dict[int, Any]:
    """Arrays recorded before `start` that entries were computed from, by index."""
    found: dict[int, Any] = {}
    for parents, _, values in entries:
        for _, index, position in parents or ():
            if type(index) is list:
                found.update((i, x) for i, x in zip(index, values[position], strict=True) if 0 <= i < start)
            elif index < start:
                found[index] = values[position]
    return found
