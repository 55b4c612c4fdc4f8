"""A misuse: one wrong call of an op, and the error it should give."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope
from dl_ops.op import registry
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.testing.case import map_arrays
from dl_ops.typing import Array


@dataclass(frozen=True, eq=False)
class Misuse:
    """One wrong call of an op, and the error it should give.

    Parameters
    ----------
    op : str
        Name of the op.
    args, kwargs
        Its arguments; NumPy arrays become tensors, but those of text.
    message : str
        Regular expression that is found in the message after the op's name.
    error : type, default ValueError
        Of the error.
    label : str
        What is wrong.
    symbolic : bool, default True
        Whether symbolic tensors of the same shapes and dtypes are refused too; not where values are what is wrong.
    eager : bool, default True
        Whether tensors with values are; not where only one of several functions is called.
    """

    op: str
    args: Sequence[Any]
    message: str
    error: type[Exception] = ValueError
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    symbolic: bool = True
    eager: bool = True

    def __str__(self) -> str:
        return f"{self.op}-{self.label}" if self.label else self.op


def check_misuse(misuse: Misuse, backend: Backend) -> None:
    """Check that an op refuses a wrong call of tensors of a backend, and how it says so."""
    with backend_scope(backend), np.errstate(all="ignore"):
        args, kwargs = map_arrays(functools.partial(_tensor, backend), (tuple(misuse.args), dict(misuse.kwargs)))
        _check(misuse, args, kwargs)


def check_symbolic_misuse(misuse: Misuse) -> None:
    """Check that an op refuses symbolic tensors of the same shapes and dtypes, and says the same."""
    args, kwargs = map_arrays(_stand_in, (tuple(misuse.args), dict(misuse.kwargs)))
    _check(misuse, args, kwargs)


def _tensor(backend: Backend, x: Array) -> Any:
    # not every framework has tensors of text
    return x if x.dtype.kind == "U" else backend.to_tensor(x)


def _stand_in(x: Array) -> KerasTensor:
    return KerasTensor(x.shape, x.dtype)


def _check(misuse: Misuse, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    try:
        result = registry[misuse.op].public(*args, **kwargs)
    except Exception as error:
        kind, text = type(error), str(error)
        assert issubclass(kind, misuse.error), f"{misuse}: {kind.__name__}({text!r}), expected {misuse.error.__name__}"
        assert text.startswith(f"{misuse.op}("), f"{misuse}: {text!r} does not begin with the op's name"
        assert re.search(misuse.message, text), f"{misuse}: {text!r} does not say {misuse.message!r}"
        return
    raise AssertionError(f"{misuse}: gave {result!r}, expected {misuse.error.__name__} saying {misuse.message!r}")


@functools.cache
def all_misuses() -> tuple[Misuse, ...]:
    """Those made from the signatures of all ops, and those written by hand."""
    families = ("generated", "matrices", "shapes", "indexing", "models", "patches")
    return tuple(
        misuse for name in families for misuse in importlib.import_module(f"dl_ops.testing.misuses.{name}").MISUSES
    )
