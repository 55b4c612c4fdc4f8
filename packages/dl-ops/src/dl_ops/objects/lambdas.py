"""Functions without a name in configs: byte code, written with a warning and read only where that is allowed."""

from __future__ import annotations

import base64
import binascii
import builtins
import marshal
import threading
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any


class _SafeMode(threading.local):
    scope: bool | None = None


_current = _SafeMode()
_unsafe_enabled = False


def enable_unsafe_deserialization() -> None:
    """Allow byte code in configs, for the whole process: reading a file may then run whatever its author wrote."""
    global _unsafe_enabled
    _unsafe_enabled = True


class SafeModeScope:
    """Say inside a ``with`` block, in this thread, whether byte code in configs is refused.

    Parameters
    ----------
    safe_mode : bool
        ``True`` gives way to `enable_unsafe_deserialization`.
    """

    def __init__(self, safe_mode: bool) -> None:
        self.safe_mode = bool(safe_mode)

    def __enter__(self) -> SafeModeScope:
        self._before = _current.scope
        _current.scope = self.safe_mode
        return self

    def __exit__(self, *exception: object) -> None:
        _current.scope = self._before


def in_safe_mode() -> bool:
    """Whether byte code in configs is refused at present."""
    return not _unsafe_enabled and _current.scope is not False


def serialize_lambda(function: Callable[..., Any]) -> tuple[str, tuple[Any, ...] | None, tuple[Any, ...] | None]:
    """Byte code of a Python function, base64 encoded, its default arguments and the values that it closes over.

    Parameters
    ----------
    function : callable
        A function written in Python.

    Returns
    -------
    code : str
    defaults, closure : tuple or None

    Raises
    ------
    TypeError
        If `function` has no byte code.
    """
    if not isinstance(function, types.FunctionType):
        raise TypeError(f"{function!r} cannot be serialized as byte code: it is not a Python function")
    warnings.warn(
        f"{function!r} is written as byte code, which can be read back only with safe_mode=False, by the same "
        "version of Python. Use a named function with @register_keras_serializable() instead.",
        stacklevel=3,
    )
    code = base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii")
    closure = None if function.__closure__ is None else tuple(cell.cell_contents for cell in function.__closure__)
    return code, function.__defaults__, closure


def deserialize_lambda(
    code: str, defaults: Sequence[Any] | None = None, closure: Sequence[Any] | None = None
) -> Callable[..., Any]:
    """Function of byte code that `serialize_lambda` or Keras wrote.

    Parameters
    ----------
    code : str
    defaults, closure : sequence, optional

    Returns
    -------
    callable
        It sees Python's built-in names, and of its own module's names none.

    Raises
    ------
    ValueError
        In safe mode, or if `code` is not byte code of this version of Python.
    """
    if in_safe_mode():
        raise ValueError(
            "the config holds a function as byte code, which can run anything and is refused in safe mode. "
            "If you trust its source, pass safe_mode=False or call enable_unsafe_deserialization()."
        )
    try:
        # not strict: Keras breaks the text into lines
        loaded = marshal.loads(base64.b64decode(code))
    except (ValueError, TypeError, EOFError, binascii.Error) as error:
        raise ValueError(f"the config's byte code is not readable: {error}") from error
    if not isinstance(loaded, types.CodeType):
        raise ValueError(f"the config's byte code holds {type(loaded).__name__} and no function")
    cells = None if closure is None else tuple(types.CellType(value) for value in closure)
    if len(cells or ()) != len(loaded.co_freevars):
        raise ValueError(f"the config's function closes over {loaded.co_freevars}, its values are {closure!r}")
    names = {"__builtins__": builtins}
    return types.FunctionType(loaded, names, loaded.co_name, None if defaults is None else tuple(defaults), cells)
