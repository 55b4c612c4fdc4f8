"""Walking the tape backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from dl_backend_numpy.tape.traced import Traced

if TYPE_CHECKING:
    from dl_backend_numpy.backend import NumpyBackend


def gradients(
    backend: NumpyBackend, f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]
) -> tuple[Any, Any, list[Any | None]]:
    raise NotImplementedError
