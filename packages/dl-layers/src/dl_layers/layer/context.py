"""What a call of a layer hands on to the layers it calls."""

from __future__ import annotations

import threading
from typing import Any


class _CallContext(threading.local):
    """Kept per thread; calls read and write its ``__dict__``, which costs a fraction of the attributes."""

    training: Any
    depth: int
    calls: int
    program: int | None

    def __init__(self) -> None:
        self.training = None
        self.depth = 0
        self.calls = 0
        self.program = None
        """Identity of the `Program` that ran last, which is not kept alive by that."""


context = _CallContext()
