"""Kernels that put what they compute on the tape."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dl_backend_numpy.tape.traced import Step, Traced

if TYPE_CHECKING:
    from dl_backend_numpy.backend import NumpyBackend


def recording_kernel(backend: NumpyBackend, name: str) -> Callable[..., Any] | None:
    """Kernel of an op for traced arrays, or ``None`` if the op's default is to be differentiated instead."""
    from dl_backend_numpy.tape.rules import RULES

    rules = RULES.get(name)
    if rules is None:
        return None
    kernel = backend.kernels[name]

    def record(*args: Any) -> Any:
        level = max(x.level for x in args if type(x) is Traced)
        values = [x.value if type(x) is Traced and x.level == level else x for x in args]
        output = kernel(*values)
        parents, pullbacks = [], []
        for x, rule in zip(args, rules, strict=False):
            if type(x) is Traced and x.level == level and rule is not None:
                parents.append(x)
                pullbacks.append(rule(output, *values))
        return Traced(output, level, Step(tuple(parents), tuple(pullbacks)))

    return record
