"""Objects that a config holds several times: written with one id, read back as one object."""

from __future__ import annotations

import threading
from typing import Any


class _Current(threading.local):
    scope: SharedObjectsScope | None = None


_current = _Current()


class SharedObjectsScope:
    """Keep objects that occur several times single, in all that is serialized or deserialized inside a ``with`` block.

    Whoever writes or reads a whole model enters one. An object that occurs more than once gets the same
    ``shared_object_id`` wherever it occurs; ids count from 1, so that the same model gives the same file.
    """

    def __init__(self) -> None:
        self._written: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._ids: dict[int, int] = {}
        self._read: dict[Any, Any] = {}

    def __enter__(self) -> SharedObjectsScope:
        self._before = _current.scope
        _current.scope = self
        return self

    def __exit__(self, *exception: object) -> None:
        _current.scope = self._before

    def written(self, obj: Any, config: dict[str, Any]) -> None:
        """Take note of an object's config, and give it and the object's first one an id if there is a first one."""
        key = id(obj)
        if key not in self._written:
            self._written[key] = (obj, config)  # holding the object keeps its id() from being given to another
            return
        shared = self._ids.setdefault(key, len(self._ids) + 1)
        self._written[key][1]["shared_object_id"] = config["shared_object_id"] = shared

    def find(self, shared_object_id: Any) -> Any:
        """Object that was read with an id before, or ``None``."""
        return self._read.get(shared_object_id)

    def read(self, shared_object_id: Any, obj: Any) -> None:
        """Take note of an object that was read with an id."""
        self._read[shared_object_id] = obj


def current_scope() -> SharedObjectsScope | None:
    """The enclosing `SharedObjectsScope`, if there is one."""
    return _current.scope
