"""From configs back to objects.

Configs come from files: they choose among what is registered or public, and bring in nothing of their own.
"""

from __future__ import annotations

import reprlib
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.objects import lambdas
from dl_ops.objects.names import explain_missing, find_public, find_public_function
from dl_ops.objects.registry import CustomObjectScope, get_registered_object
from dl_ops.objects.sharing import current_scope
from dl_ops.objects.writing import PLAIN_CLASSES

MAX_DEPTH: Final = 256
MAX_ITEMS: Final = 10_000_000

_FUNCTIONS: Final = ("function", "builtin_function_or_method", "method")
_LEGACY_OPTIONS: Final = {"module_objects", "printable_module_name", "use_legacy_format"}


class _State(threading.local):
    reading: bool = False


_state = _State()
_representation = reprlib.Repr()
_representation.maxlevel, _representation.maxdict, _representation.maxstring = 3, 8, 80
_shorten = _representation.repr


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """Build what `serialize_keras_object`, or Keras, described.

    Parameters
    ----------
    config : any
        Plain data: a dictionary with ``class_name`` and ``config``, a value, or lists and dictionaries of such.
    custom_objects : mapping from name to class or function, optional
        Further ones that `config` may name, beside the registered and the public ones.
    safe_mode : bool, default True
        Whether to refuse byte code. An enclosing call's choice, or `SafeModeScope`, comes first.
    **kwargs : any
        ``module_objects``: mapping used after `custom_objects`. Other options of older versions are ignored.

    Returns
    -------
    any
        Tuples come back as lists. Objects are built and compiled if ``config`` has ``build_config`` and
        ``compile_config``.

    Raises
    ------
    TypeError
        If `config` names a class or function that is neither registered nor public, or an object rejects its config.
    ValueError
        If `config` is malformed or nested too deeply, holds byte code in safe mode, or asks for an unknown name in
        one of Keras's modules.
    ImportError
        If a class is in a distribution that is not installed; says which.

    Examples
    --------
    >>> deserialize_keras_object({"class_name": "__slice__", "config": {"start": 1, "stop": 5, "step": None}})
    slice(1, 5, None)
    >>> deserialize_keras_object({"module": "os", "class_name": "system", "config": {}})
    Traceback (most recent call last):
        ...
    TypeError: the config names the class 'os.system', which is neither registered nor public...
    """
    if unexpected := kwargs.keys() - _LEGACY_OPTIONS:
        raise TypeError(f"deserialize_keras_object() got unexpected arguments {sorted(unexpected)}")
    objects = {**(kwargs.get("module_objects") or {}), **(custom_objects or {})}
    outer_mode = lambdas._current.scope
    with CustomObjectScope(objects), lambdas.SafeModeScope(safe_mode if outer_mode is None else outer_mode):
        if _state.reading:
            return _read(config)
        check_nesting(config)
        _state.reading = True
        try:
            return _read(config)
        except RecursionError:
            raise ValueError("the config is nested too deeply to be read") from None
        finally:
            _state.reading = False


def check_nesting(config: Any) -> None:
    """Raise a ``ValueError`` if plain data is nested deeper than `MAX_DEPTH` or has more than `MAX_ITEMS` items."""
    pending, items = [(config, 1)], 0
    while pending:
        value, depth = pending.pop()
        if not isinstance(value, (dict, list, tuple)):
            continue
        if depth > MAX_DEPTH:
            raise ValueError(f"the config is nested more than {MAX_DEPTH} levels deep")
        children = value.values() if isinstance(value, dict) else value
        items += len(value)
        if items > MAX_ITEMS:
            raise ValueError(f"the config has more than {MAX_ITEMS} items")
        pending.extend((child, depth + 1) for child in children if isinstance(child, (dict, list, tuple)))


def _read(config: Any) -> Any:
    if config is None or isinstance(config, (bool, int, float)):
        return config
    if isinstance(config, str):
        found = get_registered_object(config)
        return config if found is None else found
    if isinstance(config, (list, tuple)):
        return [_read(item) for item in config]
    if not isinstance(config, dict):
        kind = type(config).__name__
        raise TypeError(f"{_shorten(config)} of type {kind} cannot stand in a config: expected plain data")
    if "class_name" not in config or not ("config" in config or "module" in config):
        return {key: _read(value) for key, value in config.items()}
    for key in ("class_name", "module", "registered_name"):
        value = config.get(key)
        if not (isinstance(value, str) or (value is None and key != "class_name")):
            raise TypeError(f"the config's {key!r} must be a string, it is {_shorten(value)}")
    class_name, inner = config["class_name"], config.get("config")
    if class_name in _FUNCTIONS:
        return _find_function(inner, config.get("module"))
    if class_name == "type" and config.get("module") == "builtins":
        return _plain_class(inner)
    if inner is not None and not isinstance(inner, dict):
        raise TypeError(f"the config of {class_name!r} must be a dictionary, it is {_shorten(inner)}")
    if class_name in _SPECIAL:
        return _read_special(class_name, inner or {})
    return _read_object(config)


def _plain_class(name: Any) -> type:
    if not isinstance(name, str) or name not in PLAIN_CLASSES:
        raise TypeError(f"the config names the class {_shorten(name)}, expected one of {', '.join(PLAIN_CLASSES)}")
    return PLAIN_CLASSES[name]


def _find_function(name: Any, module: str | None) -> Any:
    if not isinstance(name, str):
        raise TypeError(f"a function's config must be its name, it is {_shorten(name)}")
    found = get_registered_object(name) or get_registered_object(f"Custom>{name}") or find_public_function(name, module)
    if found is not None:
        return found
    raise TypeError(
        f"the config names the function {name!r}, which is neither registered nor public: decorate it with "
        f"@register_keras_serializable(), or pass custom_objects={{{name!r}: ...}}"
    )


# -- values that JSON has no form for ----------------------------------------------------------------------------------


def _read_special(class_name: str, config: Mapping[str, Any]) -> Any:
    try:
        return _SPECIAL[class_name](config)
    except KeyError as error:
        raise ValueError(f"the config of {class_name!r} has no {error}: {_shorten(dict(config))}") from None


def _array(config: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    value, dtype = config["value"], config["dtype"]
    if not isinstance(dtype, str) or standardize_dtype(dtype) == "string":
        raise ValueError(f"an array in a config must have a numeric dtype, it has {_shorten(dtype)}")
    try:
        return np.array(value, dtype=numpy_dtype(standardize_dtype(dtype)))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{_shorten(value)} in a config is no array of {dtype}: {error}") from error


def _tensor(config: Mapping[str, Any]) -> Any:
    from dl_ops.interchange import convert_to_tensor

    return convert_to_tensor(_array(config))


def _symbolic_tensor(config: Mapping[str, Any]) -> Any:
    from dl_ops.symbolic import KerasTensor

    return KerasTensor(config["shape"], dtype=config["dtype"])


def _bytes(config: Mapping[str, Any]) -> bytes:
    if not isinstance(config["value"], str):
        raise ValueError(f"bytes in a config must be text, got {_shorten(config['value'])}")
    return config["value"].encode("utf-8")


def _lambda(config: Mapping[str, Any]) -> Callable[..., Any]:
    # Keras writes a triple here, and in the config of a Lambda layer three keys
    parts = config["value"] if "value" in config else [config["code"], config.get("defaults"), config.get("closure")]
    return lambdas.deserialize_lambda(*parts)


def _type_spec(config: Mapping[str, Any]) -> Any:
    raise TypeError("the config holds a TensorFlow type specification, which is not supported")


_SPECIAL: Final[dict[str, Callable[[Mapping[str, Any]], Any]]] = {
    "__numpy__": _array,
    "__tensor__": _tensor,
    "__keras_tensor__": _symbolic_tensor,
    "__bytes__": _bytes,
    "__ellipsis__": lambda config: Ellipsis,
    "__slice__": lambda config: slice(*(_read(config[part]) for part in ("start", "stop", "step"))),
    "__lambda__": _lambda,
    "__typespec__": _type_spec,
}


# -- objects -----------------------------------------------------------------------------------------------------------


def _find_class(config: Mapping[str, Any]) -> Any:
    class_name, module, registered = config["class_name"], config.get("module"), config.get("registered_name")
    ours = module is not None and (module == "keras" or module.startswith("keras."))
    # a name in Keras's own modules is not replaced by a custom class that happens to have it
    name = registered or (None if ours else class_name)
    found = get_registered_object(name) if name else None
    if found is None and module is not None:
        found = find_public(module, class_name)
    if found is None and ours:
        assert module is not None
        explanation = explain_missing(module, class_name)
        error = ImportError if explanation.startswith("it needs") else ValueError
        raise error(f"there is no {module}.{class_name} here" + (f": {explanation}" if explanation else ""))
    if found is None:
        path = class_name if module is None else f"{module}.{class_name}"
        raise TypeError(
            f"the config names the class {path!r}, which is neither registered nor public: decorate it with "
            f"@register_keras_serializable(), or pass custom_objects={{{name!r}: ...}}"
        )
    if not hasattr(found, "from_config"):
        what = "has no from_config() method" if isinstance(found, type) else "is not a class"
        raise TypeError(f"{class_name!r} cannot be built from a config: it {what}")
    return found


def _read_object(config: Mapping[str, Any]) -> Any:
    cls = _find_class(config)
    if "config" not in config:
        raise TypeError(f"{config['class_name']!r} is named without a 'config': {_shorten(dict(config))}")
    shared, scope = config.get("shared_object_id"), current_scope()
    if shared is not None and not isinstance(shared, (int, str)):
        raise TypeError(f"the config's 'shared_object_id' must be an integer, it is {_shorten(shared)}")
    if scope is not None and shared is not None and scope.find(shared) is not None:
        return scope.find(shared)
    try:
        instance = cls.from_config(dict(config["config"] or {}))
    except TypeError as error:
        raise TypeError(f"{config['class_name']} rejects its config {_shorten(config['config'])}: {error}") from error
    for key, done in (("build_config", "built"), ("compile_config", "compiled")):
        method = getattr(instance, key.replace("config", "from_config"), None)
        if config.get(key) and method is not None and not (key == "build_config" and getattr(instance, done, False)):
            method(config[key])
    if scope is not None and shared is not None:
        scope.read(shared, instance)
    return instance
