"""The default of an op, for arguments that its kernel here does not cover."""

from __future__ import annotations

from typing import Any

from dl_ops.backend.registry import backend_scope
from dl_ops.op import registry


def default(name: str, *args: Any, **kwargs: Any) -> Any:
    """Result of the default of op `name`."""
    with backend_scope("numpy"):
        return registry[name].function(*args, **kwargs)
