"""The defaults of ops, run on a backend: where it has no kernel, or one that does not cover all arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dl_ops import scopes
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope, get_backend
from dl_ops.op import Op, registry


def default_runner(op: Op, backend: Backend) -> Callable[..., Any]:
    """The op's default, run inside the scope of a backend."""
    function = op.function

    def default(*args: Any, **kwargs: Any) -> Any:
        if scopes.current.backend is backend:
            return function(*args, **kwargs)
        with backend_scope(backend):
            return function(*args, **kwargs)

    return default


def defaults_of(backend: str) -> Callable[..., Any]:
    """Function ``default(name, *args, **kwargs)`` with which a backend's kernels leave arguments to an op's default.

    Parameters
    ----------
    backend : str
        The backend's name.

    Returns
    -------
    callable
    """

    def default(name: str, *args: Any, **kwargs: Any) -> Any:
        return default_runner(registry[name], get_backend(backend))(*args, **kwargs)

    return default
