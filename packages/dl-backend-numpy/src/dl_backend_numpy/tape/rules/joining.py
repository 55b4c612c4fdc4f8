"""Rules of ops that join or split arrays."""

from __future__ import annotations

from typing import Any, Final

from dl_backend_numpy.tape.kinds import Rule


def _concatenate(g: Any, y: Any, xs: Any, axis: int = 0) -> list[Any]:
    axis %= g.ndim
    parts = []
    start = 0
    for x in xs:
        stop = start + x.shape[axis]
        parts.append(g[(slice(None),) * axis + (slice(start, stop),)])
        start = stop
    return parts


def _stack(g: Any, y: Any, xs: Any, axis: int = 0) -> list[Any]:
    axis %= g.ndim
    return [g[(slice(None),) * axis + (i,)] for i in range(len(xs))]


LIST_RULES: Final[dict[str, tuple[int, Rule]]] = {
    "concatenate": (0, _concatenate),
    "stack": (0, _stack),
}

LINEAR: Final = frozenset({"concatenate", "stack"})
