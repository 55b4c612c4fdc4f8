"""What gradient rules are written with: ops that skip dispatch where no argument is traced.

``fn.exp(x)`` is the kernel itself for bare arrays and the op for traced ones, so that rules cost nothing extra the
first time and can be differentiated again. Gradients that no composition of ops gives efficiently, such as a
convolution's, are `adjoint` kernels with rules of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dl_backend_numpy.tape.recording import recording_kernel
from dl_backend_numpy.tape.traced import Traced
from dl_ops.op import registry

ADJOINTS: Final[dict[str, Callable[..., Any]]] = {}
"""Kernels that are no ops, by name: ``fn`` finds them, `RULES` has their rules."""


def adjoint(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Register a kernel, called positionally, that gradient rules use under its name as ``fn.<name>``."""
    if kernel.__name__ in ADJOINTS or kernel.__name__ in registry:
        raise ValueError(f"two functions for gradient rules are named {kernel.__name__!r}")
    ADJOINTS[kernel.__name__] = kernel
    return kernel


class _Functions:
    """Namespace whose attributes are made when they are first used."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in registry and name not in ADJOINTS:
            raise AttributeError(f"gradient rules use {name!r}, which is neither an op nor an adjoint")
        function = _function(name)
        setattr(self, name, function)
        return function


def _function(name: str) -> Callable[..., Any]:
    from dl_backend_numpy.backend import NumpyBackend
    from dl_backend_numpy.tape.rules import LIST_RULES, RULES, push_of

    kernel = ADJOINTS.get(name) or NumpyBackend.kernels.get(name)
    if kernel is not None and name in ADJOINTS:
        traced = recording_kernel(kernel, RULES[name], push=push_of(name))
    else:
        traced = registry[name].public
    if kernel is None:
        return traced
    bare: Callable[..., Any] = kernel

    def call(*args: Any) -> Any:
        return traced(*args) if Traced in map(type, args) else bare(*args)

    def call_with_list(*args: Any) -> Any:
        return traced(*args) if Traced in map(type, args[position]) else bare(*args)

    if name in LIST_RULES:
        position, _ = LIST_RULES[name]
        return call_with_list
    return call


fn: Final[Any] = _Functions()
