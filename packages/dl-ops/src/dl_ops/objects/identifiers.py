"""What stands behind ``activations.get``, ``losses.serialize`` and the like: names, configs and objects of one kind."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar

from dl_ops.objects.reading import _FUNCTIONS, deserialize_keras_object
from dl_ops.objects.registry import CustomObjectScope, get_registered_object
from dl_ops.objects.writing import serialize_keras_object

T = TypeVar("T")


class Identifiers(Generic[T]):
    """Names of one kind of object, and the functions `get`, `serialize` and `deserialize` for it.

    Parameters
    ----------
    kind : str
        What an object is called in errors: ``"activation"``.
    objects : mapping from name to class, function or str
        A string ``"module:attribute"`` is imported when the name is first asked for.
    default : any, default None
        What ``None`` stands for.
    instantiate : bool, default True
        Whether a class is called to give an object; else it is the object.
    accepts : callable, default ``callable``
        Whether a value is such an object.
    ignore_case : bool, default False
        Whether names are compared in lower case; `objects` then has lower-case names.
    bare_names : bool, default False
        Whether `serialize` gives the name alone for a function among `objects`.

    Examples
    --------
    >>> import math
    >>> roundings = Identifiers("rounding", {"floor": math.floor, "ceil": "math:ceil"}, bare_names=True)
    >>> roundings.get("ceil")(1.5), roundings.serialize(math.floor), roundings.deserialize("floor")(1.5)
    (2, 'floor', 1)
    >>> roundings.get("flor")
    Traceback (most recent call last):
        ...
    ValueError: unknown rounding 'flor': did you mean 'floor'?
    """

    def __init__(
        self,
        kind: str,
        objects: Mapping[str, Any],
        *,
        default: Any = None,
        instantiate: bool = True,
        accepts: Callable[[Any], bool] = callable,
        ignore_case: bool = False,
        bare_names: bool = False,
    ) -> None:
        self.kind = kind
        self.objects = dict(objects)
        self.default = default
        self.instantiate = instantiate
        self.accepts = accepts
        self.ignore_case = ignore_case
        self.bare_names = bare_names

    def get(self, identifier: Any) -> T:
        """Object for a name, a config, a class or an object of this kind; the default for ``None``.

        Raises
        ------
        ValueError
            If the name is unknown, with the names that are nearest, or `identifier` is none of these.
        """
        if identifier is None:
            return self.default  # type: ignore[no-any-return]
        if isinstance(identifier, str):
            return self._checked(self._instance(self._named(identifier)), identifier)
        if isinstance(identifier, dict):
            return self.deserialize(identifier)
        if isinstance(identifier, type):
            return self._checked(self._instance(identifier), identifier)
        return self._checked(identifier, identifier)

    def serialize(self, obj: Any) -> Any:
        """Config of an object; for a function, where `bare_names` says so, the name alone."""
        if self.bare_names:
            name = getattr(obj, "__name__", None)
            if name in self.objects and self._resolve(name) is obj:
                return name
        return serialize_keras_object(obj)

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> T:
        """Object of a config or name.

        Parameters
        ----------
        config : dict or str
        custom_objects : mapping from name to object, optional

        Raises
        ------
        ValueError
            If the name is unknown or what comes out is no object of this kind.
        TypeError
            If the config names a class or function that is neither registered nor public.
        """
        with CustomObjectScope(custom_objects):
            if not isinstance(config, dict):
                return self.get(config)
            class_name = config.get("class_name")
            if not isinstance(class_name, str):
                raise self._uninterpretable(config)
            name = config.get("config") if class_name in _FUNCTIONS else class_name
            known = self._find(name) if isinstance(name, str) else None
            if known is None and config.keys() <= {"class_name", "config"} and not class_name.startswith("__"):
                raise self._unknown(class_name)
            # older files give the class's name alone, or none of the keys that tell where it is
            built = deserialize_keras_object(
                {"config": {}, **config}, module_objects=None if known is None else {name: known}
            )
            return self._checked(built, config)

    def _resolve(self, name: str) -> Any:
        found = self.objects[name]
        if isinstance(found, str):
            module, _, attribute = found.partition(":")
            found = self.objects[name] = getattr(import_module(module), attribute)
        return found

    def _find(self, name: str) -> Any:
        custom = get_registered_object(name)
        if custom is not None:
            return custom
        key = name.lower() if self.ignore_case else name
        return self._resolve(key) if key in self.objects else None

    def _named(self, name: str) -> Any:
        found = self._find(name)
        if found is None:
            raise self._unknown(name)
        return found

    def _instance(self, found: Any) -> Any:
        return found() if isinstance(found, type) and self.instantiate else found

    def _checked(self, obj: Any, identifier: Any) -> T:
        if not self.accepts(obj):
            raise self._uninterpretable(identifier)
        return obj  # type: ignore[no-any-return]

    def _unknown(self, name: str) -> ValueError:
        near = difflib.get_close_matches(name.lower() if self.ignore_case else name, self.objects, n=3)
        meant, choices = " or ".join(map(repr, near)), ", ".join(sorted(self.objects))
        hint = f"did you mean {meant}?" if near else f"expected one of {choices}"
        return ValueError(f"unknown {self.kind} {name!r}: {hint}")

    def _uninterpretable(self, identifier: Any) -> ValueError:
        kind = type(identifier).__name__
        return ValueError(
            f"{identifier!r} of type {kind} cannot be interpreted as {self.kind}: "
            "expected a name, a config or an object"
        )
