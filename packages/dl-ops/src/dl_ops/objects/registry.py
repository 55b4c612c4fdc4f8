"""Custom classes and functions that configs may name: registered ones, and those of a scope."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

_objects: dict[str, Any] = {}
_names: dict[Any, str] = {}


class _Scopes(threading.local):
    objects: Mapping[str, Any] = {}


_current = _Scopes()


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Register a class or function, so that configs that name it can be read back.

    Parameters
    ----------
    package : str, default "Custom"
    name : str, optional
        By default the class's or function's own.

    Returns
    -------
    callable
        A decorator. The registered name is ``package>name``.

    Raises
    ------
    ValueError
        If a class has no ``get_config()``.

    Examples
    --------
    >>> @register_keras_serializable("my_package")
    ... def triple(x):
    ...     return 3 * x
    >>> get_registered_name(triple), get_registered_object("my_package>triple")(2)
    ('my_package>triple', 6)
    """

    def register(obj: T) -> T:
        if isinstance(obj, type) and not hasattr(obj, "get_config"):
            raise ValueError(f"{obj.__name__} cannot be registered: it has no get_config() method")
        own_name = name if name is not None else obj.__name__  # type: ignore[attr-defined]  # classes and functions have it
        registered_name = f"{package}>{own_name}"
        _objects[registered_name] = obj
        _names[obj] = registered_name
        return obj

    return register


def get_registered_name(obj: Any) -> str:
    """Name that a class or function is registered under, or else its own.

    Parameters
    ----------
    obj : type or callable

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If `obj` is neither.
    """
    if not hasattr(obj, "__name__"):
        raise TypeError(f"get_registered_name(obj={obj!r}): expected a class or a function, got {type(obj).__name__}")
    return registered_name(obj) or str(obj.__name__)


def registered_name(obj: Any) -> str | None:
    """Name that a class or function is registered under, if it is."""
    try:
        return _names.get(obj)
    except TypeError:  # unhashable, so it cannot have been registered
        return None


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Mapping[str, Any] | None = None
) -> Any:
    """Class or function of a name.

    Parameters
    ----------
    name : str
        Looked up in the enclosing `CustomObjectScope`, among the registered objects, and then in the arguments.
    custom_objects, module_objects : mapping, optional

    Returns
    -------
    any
        ``None`` if there is none.
    """
    for objects in (_current.objects, _objects, custom_objects or {}, module_objects or {}):
        if name in objects:
            return objects[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """Registered objects by name; changes to the dictionary are changes to the registry.

    Examples
    --------
    >>> get_custom_objects()["negate"] = lambda x: -x
    >>> get_registered_object("negate")(2)
    -2
    >>> del get_custom_objects()["negate"]
    """
    return _objects


class CustomObjectScope:
    """Make classes and functions known to deserialization inside a ``with`` block, in this thread.

    Parameters
    ----------
    custom_objects : mapping from name to object, or None
        They count before the registered ones and before those of an outer scope.

    Examples
    --------
    >>> with CustomObjectScope({"half": lambda x: x / 2}):
    ...     get_registered_object("half")(3)
    1.5
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self.custom_objects = dict(custom_objects or {})

    def __enter__(self) -> CustomObjectScope:
        self._before = _current.objects
        _current.objects = {**self._before, **self.custom_objects}
        return self

    def __exit__(self, *exception: object) -> None:
        _current.objects = self._before


custom_object_scope = CustomObjectScope
