"""From objects to configs: plain data that JSON can hold, in Keras's format."""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from dl_ops.backend.registry import backend_of_type
from dl_ops.dtypes import standardize_dtype
from dl_ops.objects.lambdas import serialize_lambda
from dl_ops.objects.names import public_name
from dl_ops.objects.registry import get_registered_name, registered_name
from dl_ops.objects.sharing import current_scope

PLAIN_CLASSES: dict[str, type] = {
    **{cls.__name__: cls for cls in (bool, int, float, complex, str, bytes)},
    **{name: getattr(np, name) for name in (
        "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
        "float16", "float32", "float64", "complex64", "complex128",
    )},
}  # fmt: skip
"""Classes that may be values in a config themselves, by the name they are written with."""


def serialize_keras_object(obj: Any) -> Any:
    """Describe an object by plain data that JSON can hold, in Keras's format.

    Parameters
    ----------
    obj : any
        An object with ``get_config()``, a function, a tensor, an array, a symbolic tensor, a number, string, slice,
        ``...``, or lists, tuples and dictionaries of such.

    Returns
    -------
    any
        A dictionary with ``module``, ``class_name``, ``config`` and ``registered_name`` for an object, also
        ``build_config`` and ``compile_config`` if the object has them; plain values and containers as they are.

    Raises
    ------
    TypeError
        If there is no description of the object.
    ValueError
        If an array is not numeric, or bytes are not UTF-8.

    Examples
    --------
    >>> serialize_keras_object({"axis": (1, 2), "index": slice(0, None)})["index"]
    {'class_name': '__slice__', 'config': {'start': 0, 'stop': None, 'step': None}}
    """
    if isinstance(obj, np.generic) or (isinstance(obj, np.ndarray) and obj.ndim == 0):
        return obj.item()
    if obj is None or isinstance(obj, (str, int, float)):
        return obj
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, (list, tuple)):
        return (tuple if isinstance(obj, tuple) else list)(serialize_keras_object(item) for item in obj)
    if isinstance(obj, np.ndarray):
        return _special("__numpy__", **_array(obj))
    if isinstance(obj, bytes):
        return _special("__bytes__", value=_text(obj))
    if isinstance(obj, slice):
        parts = {part: serialize_keras_object(getattr(obj, part)) for part in ("start", "stop", "step")}
        return _special("__slice__", **parts)
    if obj is Ellipsis:
        return _special("__ellipsis__")
    if isinstance(obj, type):
        return _plain_class(obj)
    if hasattr(obj, "get_config"):
        return _object(obj)
    return _of_framework(obj)


def _special(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


def _array(array: Any) -> dict[str, Any]:
    if not (array.dtype.kind in "biufc" or (array.dtype.kind == "V" and array.dtype.fields is None)):
        raise ValueError(f"an array of dtype {array.dtype} cannot be written to a config: expected a numeric one")
    return {"value": array.tolist(), "dtype": standardize_dtype(array.dtype)}


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{value!r} cannot be written to a config, which holds bytes as UTF-8 text: {error}"
        ) from error


def _plain_class(cls: type) -> dict[str, Any]:
    if cls not in PLAIN_CLASSES.values():
        raise TypeError(f"{cls!r} is a class: only its instances can be written to a config")
    return {"module": "builtins", "class_name": "type", "config": cls.__name__, "registered_name": "type"}


def _of_framework(obj: Any) -> Any:
    """Symbolic tensors, what TensorFlow has for shapes, dtypes, functions, and tensors."""
    from dl_ops.symbolic import KerasTensor

    if isinstance(obj, KerasTensor):
        history = obj._keras_history
        where = None if history is None else [history.operation.name, history.node_index, history.tensor_index]
        return _special("__keras_tensor__", shape=tuple(obj.shape), dtype=obj.dtype, keras_history=where)
    kind = type(obj)
    if kind.__name__ == "TensorShape" and kind.__module__.startswith("tensorflow"):
        return None if obj.rank is None else obj.as_list()
    if isinstance(obj, np.dtype) or (kind.__name__ in ("DType", "dtype") and _is_framework(kind)):
        return standardize_dtype(obj)
    if callable(obj) and hasattr(obj, "__name__"):
        return _function(obj)
    backend = backend_of_type(kind)
    if backend is not None and backend.is_tensor(obj):
        return _special("__tensor__", **_array(backend.to_numpy(obj)))
    raise TypeError(
        f"{obj!r} of type {kind.__name__} cannot be written to a config: its class needs a get_config() method"
    )


def _is_framework(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in ("torch", "tensorflow")


def _function(function: Any) -> dict[str, Any]:
    if isinstance(function, types.FunctionType) and function.__name__ == "<lambda>" and not registered_name(function):
        return _special("__lambda__", value=serialize_lambda(function))
    name = get_registered_name(function)
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}


def _object(obj: Any) -> dict[str, Any]:
    cls = type(obj)
    config = obj.get_config()
    if not isinstance(config, dict):
        raise TypeError(f"{cls.__name__}.get_config() must return a dictionary, it returned {config!r}")
    written: dict[str, Any] = _names(obj)
    written["config"] = serialize_keras_object(config)
    written["registered_name"] = written.pop("registered_name")  # in Keras's order
    for key in ("build_config", "compile_config"):
        more = getattr(obj, f"get_{key}", lambda: None)()
        if more is not None:
            written[key] = serialize_keras_object(more)
    scope = current_scope()
    if scope is not None:
        scope.written(obj, written)
    return written


def _names(obj: Any) -> dict[str, Any]:
    cls = type(obj)
    path = public_name(obj)
    if path is not None:
        module, _, name = path.rpartition(".")
        # what Keras has no public name for goes by its class name as well
        return {"module": module, "class_name": name, "registered_name": name if ".src." in path else None}
    nameless = cls.__module__ in ("__main__", "builtins")
    return {
        "module": None if nameless else cls.__module__,
        "class_name": cls.__name__,
        "registered_name": get_registered_name(cls),
    }
