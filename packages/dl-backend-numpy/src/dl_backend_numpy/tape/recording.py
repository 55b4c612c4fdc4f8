"""Kernels that put what they compute on the tape.

An entry is ``(parents, output, values)``: the traced arguments, each as ``(rule, index of its entry, position among
the arguments)``, and the values that the rules need. An argument that is a list has lists of indices, with -1 for what
is not differentiated. A result of several arrays has an entry of its own, and one ``(None, that entry's index, which
one)`` for each array in it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from dl_backend_numpy.default import default
from dl_backend_numpy.tape import pushing
from dl_backend_numpy.tape.kinds import Kernel, Push, Rule, Rules
from dl_backend_numpy.tape.traced import Forward, Tape, Traced, strip


def recording_kernel(
    kernel: Kernel, rules: Rules, saving: Kernel | None = None, push: Push = pushing.transposed
) -> Kernel:
    """Kernel for traced arrays from one for bare arrays and its rules; `saving` is as in the table `SAVING`, `push`
    says how tangents go forward.
    """

    def record(*args: Any, **kwargs: Any) -> Any:
        tape: Any = None
        entries: Any = None
        values = list(args)
        parents: list[tuple[Rule, int, int]] = []
        for position, x in enumerate(args):
            if type(x) is Traced:
                if x.tape is not tape:
                    if tape is not None or x.tape.entries is None:
                        return of_several(args, kwargs)
                    tape, entries = x.tape, x.tape.entries
                value = values[position] = x.value
                if type(value) is Traced:
                    return of_several(args, kwargs)
                rule = rules[position]
                if rule is not None:
                    parents.append((rule, x.index, position))
        if tape is None:
            return kernel(*args, **kwargs)
        if saving is None:
            output = kernel(*values, **kwargs)
        else:
            output, saved = saving(*values, **kwargs)
            kwargs["saved"] = saved
        return put(tape, entries, parents, output, values, kwargs) if parents else output

    def of_several(args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """The same for arrays under several differentiations, or one that goes forward or is over."""
        tape = max((x.tape for x in args if type(x) is Traced), key=lambda tape: tape.level)
        if tape.entries is None:
            if type(tape) is Forward and tape.active:
                return pushing.forward(record, rules, push, tape, args, kwargs)
            # arrays that outlived their differentiation are constants
            return record(*[x.value if type(x) is Traced and x.tape is tape else x for x in args], **kwargs)
        values = list(args)
        parents: list[tuple[Rule, int, int]] = []
        for position, x in enumerate(args):
            if type(x) is Traced and x.tape is tape:
                values[position] = x.value
                rule = rules[position]
                if rule is not None:
                    parents.append((rule, x.index, position))
        # what the inner call saves is none of this one's: derivatives of the rules are taken from the arguments
        output = record(*values, **kwargs)
        return put(tape, tape.entries, parents, output, values, kwargs) if parents else output

    return record


def put(tape: Tape, entries: list[Any], parents: Any, output: Any, values: Any, kwargs: dict[str, Any]) -> Any:
    """A result on a tape, from which there is a way back to its parents."""
    if kwargs:
        parents = [(functools.partial(rule, **kwargs), index, position) for rule, index, position in parents]
    index = len(entries)
    entries.append((parents, output, values))
    if isinstance(output, (tuple, list)):
        return several(output, tape, index)
    return Traced(output, tape, index)


def recording_list_kernel(kernel: Kernel, rule: Rule, position: int, linear: bool = False) -> Kernel:
    """Like `recording_kernel` for an op of a list of arrays, the argument at `position`; the rule gives a list of
    gradients. `linear` says whether the op is, in all of them.
    """

    def record(*args: Any, **kwargs: Any) -> Any:
        items = args[position]
        tapes: list[Tape] = [x.tape for x in items if type(x) is Traced]
        if not tapes:
            return kernel(*args, **kwargs)
        tape = max(tapes, key=lambda tape: tape.level)
        entries = tape.entries
        if entries is None:
            if type(tape) is Forward and tape.active:
                return pushing.forward_list(record, rule, linear, tape, position, args, kwargs)
            open_items = [x.value if type(x) is Traced and x.tape is tape else x for x in items]
            return record(*args[:position], open_items, *args[position + 1 :], **kwargs)
        inner = [x.value if type(x) is Traced and x.tape is tape else x for x in items]
        indices = [x.index if type(x) is Traced and x.tape is tape else -1 for x in items]
        values = [*args[:position], inner, *args[position + 1 :]]
        output = record(*values, **kwargs)
        index = len(entries)
        entries.append(([(functools.partial(rule, **kwargs) if kwargs else rule, indices, position)], output, values))
        if isinstance(output, (tuple, list)):
            return several(output, tape, index)
        return Traced(output, tape, index)

    return record


def covering_kernel(record: Kernel, name: str, is_covered: Callable[..., bool]) -> Kernel:
    """Kernel for traced arrays of one that does not cover all arguments: for the others the default is recorded."""

    def covering(*args: Any, **kwargs: Any) -> Any:
        return record(*args, **kwargs) if is_covered(*args, **kwargs) else default(name, *args, **kwargs)

    return covering


def constant_kernel(kernel: Kernel) -> Kernel:
    """Kernel for traced arrays of an op whose result does not vary, or is not to be differentiated."""

    def constant(*args: Any, **kwargs: Any) -> Any:
        return kernel(*[strip(x) for x in args], **{name: strip(x) for name, x in kwargs.items()})

    return constant


def several(output: Any, tape: Tape, index: int) -> Any:
    """The arrays of a result, traced where they can have a gradient."""
    assert tape.entries is not None
    arrays = []
    for which, y in enumerate(output):
        # bfloat16 is of kind V
        if y.dtype.kind in "fcV":
            arrays.append(Traced(y, tape, len(tape.entries)))
            tape.entries.append((None, index, which))
        else:
            arrays.append(y)
    return type(output)(*arrays) if hasattr(output, "_fields") else type(output)(arrays)
