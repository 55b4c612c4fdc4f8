"""What a call of a layer hands on to the layers it calls."""

from __future__ import annotations

import threading
from typing import Any


class _CallContext(threading.local):
    training: Any = None
    depth: int = 0
    calls: int = 0


context = _CallContext()
